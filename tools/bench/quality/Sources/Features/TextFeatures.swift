import Encoder
import Foundation
import Tensors

/// Raw vectors of texts: what the frozen trunk gives.
struct TextFeatures {
  let passages: Matrix, queries: Matrix

  /// Means of word embeddings: the encoder's table, and none of its layers.
  ///
  /// The final embeddings of all-MiniLM-L6-v2 would not do: that model was trained on these very
  /// questions.
  static func wordMeans(of texts: TextCollection, by encoder: TextEncoder) -> TextFeatures {
    TextFeatures(
      passages: encoder.wordMeans(of: texts.passages, as: .passage),
      queries: encoder.wordMeans(of: texts.queries, as: .query))
  }
}
