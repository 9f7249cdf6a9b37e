public import Foundation
import Tensors

/// A text encoder ready to use: a model folder, its tokenizer, and its weights in memory.
///
/// Embeddings do not depend on which texts are encoded together, nor on the number of threads,
/// beyond the last bits of a float.
public final class TextEncoder: Sendable {
  /// The folder it was read from.
  public let folder: EncoderFolder
  /// The network.
  public let model: EmbeddingModel
  /// What identifies it: a hash over everything that changes an embedding, never a name or path.
  public let fingerprint: String
  private let tokenizer: any Tokenizer

  /// Number of columns of an embedding.
  public var dimension: Int { model.dimension }

  /// Reads a sentence-transformers folder, or a plain Hugging Face BERT folder when told the pooling.
  ///
  /// - Throws: `EncoderError` or `TokenizerError` naming the file and what is wrong with it.
  public init(
    folder url: URL, pooling: PoolingMode? = nil, normalizes: Bool? = nil
  ) throws {
    folder = try EncoderFolder(reading: url, pooling: pooling, normalizes: normalizes)
    let tokenizer = try Tokenizers.read(folder: folder.tokenizerFolder)
    guard tokenizer.vocabularySize <= folder.configuration.vocabularySize else {
      throw EncoderError(
        .invalidConfiguration,
        "\(url.path): the tokenizer has \(tokenizer.vocabularySize) tokens, the model "
          + "\(folder.configuration.vocabularySize)")
    }
    self.tokenizer = tokenizer
    let bert = try BERT(folder.configuration, tensors: folder.canonicalTensors())
    model = EmbeddingModel(bert: bert, pooling: folder.pooling, normalizes: folder.normalizes)
    fingerprint = try folder.fingerprint(tokenizerIdentity: tokenizer.identity)
  }

  /// The ids the model sees for a text in a role: prompt in front, special tokens, cut to length.
  ///
  /// - Parameter maximumLength: tokens at most, special ones included; nil means the folder's.
  public func tokenize(
    _ text: String, as role: TextRole, maximumLength: Int? = nil
  ) -> TokenizedText {
    let limit = min(maximumLength ?? folder.maximumLength, folder.maximumLength)
    return tokenizer.tokenize(folder.prompt(for: role) + text, maximumLength: limit)
  }

  /// The ids of a text alone: no prompt, special tokens included, uncut unless a length is given.
  public func tokenizeUncut(_ text: String, maximumLength: Int? = nil) -> TokenizedText {
    tokenizer.tokenize(text, maximumLength: maximumLength)
  }
}
