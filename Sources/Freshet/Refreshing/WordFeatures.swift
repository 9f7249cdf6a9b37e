internal import Encoder
internal import Tensors

/// Features of passages' texts that cost no encoding: the means of the new and of the old encoder's
/// word embeddings. Together they show a corrector how the passage's own words have moved.
///
/// Texts are tokenised each time: that and the look-up took a hundredth of the time that encoding takes
/// with MiniLM (6 layers, 384 dimensions), too little to keep token ids for.
struct WordFeatures {
  private let encoders: [TextEncoder]

  /// - Parameter encoders: each gives one block of features.
  init(_ encoders: [TextEncoder]) { self.encoders = encoders }

  /// One block `(texts, hidden)` per encoder.
  func blocks(of texts: [String]) -> [Matrix] {
    encoders.map { $0.wordMeans(of: texts, as: .passage) }
  }
}
