public import Foundation
import Synchronization
public import Tensors

/// A text encoder ready to use: a model folder, its tokenizer, and its weights in memory.
///
/// An embedding depends on its text alone, to the last bit: neither the texts encoded with it nor
/// the number of threads change it. Between instruction levels the last bits of `float32` differ
/// (see ``Kernels/level``).
public final class TextEncoder: Sendable {
  /// The folder it was read from.
  public let folder: EncoderFolder
  /// The network.
  public let model: EmbeddingModel
  /// What identifies it: a hash over everything that changes an embedding, never a name or path.
  public let fingerprint: String
  /// What products are computed in.
  public let precision: Precision
  /// The network laid out for encoding: made when first asked for, since training never asks.
  var packed: PackedModel { laidOut.withLock { $0.model(of: model, precision) } }
  private let laidOut = Mutex(LaidOut())
  private let tokenizer: any Tokenizer
  private let promptLengths: [TextRole: Int]

  /// Number of columns of an embedding.
  public var dimension: Int { model.dimension }

  /// Reads a sentence-transformers folder, or a plain Hugging Face folder when told the pooling.
  ///
  /// - Parameters:
  ///   - pooling: for a plain folder, which does not say it.
  ///   - normalizes: for a plain folder: whether embeddings are scaled to unit length.
  ///   - dimensions: leading columns of an embedding to keep, instead of what the folder says; see
  ///     ``EmbeddingModel/dimensions``. It is part of the fingerprint.
  ///   - precision: what products are computed in; not part of the fingerprint, for embeddings of
  ///     either kind serve beside each other (see ``Precision``).
  /// - Throws: `EncoderError` or `TokenizerError` naming the file and what is wrong with it.
  public init(
    folder url: URL, pooling: PoolingMode? = nil, normalizes: Bool? = nil, dimensions: Int? = nil,
    precision: Precision = .float32
  ) throws {
    let folder = try EncoderFolder(
      reading: url, pooling: pooling, normalizes: normalizes, dimensions: dimensions)
    self.folder = folder
    let tokenizer = try Tokenizers.read(folder: folder.tokenizerFolder)
    guard tokenizer.vocabularySize <= folder.configuration.vocabularySize else {
      throw EncoderError(
        .invalidConfiguration,
        "\(url.path): the tokenizer has \(tokenizer.vocabularySize) tokens, the model "
          + "\(folder.configuration.vocabularySize)")
    }
    self.tokenizer = tokenizer
    promptLengths = Self.promptLengths(folder, tokenizer)
    model = try EmbeddingModel(
      folder.configuration, pooling: folder.pooling, modules: folder.modules,
      dimensions: folder.dimensions, tensors: folder.canonicalTensors())
    self.precision = precision
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

  /// How many ids at the front of a text in this role are left out of the pooling: the prompt and
  /// what stands before it, when the folder's pooling leaves prompts out; else 0.
  ///
  /// As sentence-transformers counts them: the ids of the prompt alone without the special token at
  /// their end, whatever the tokenizer makes of prompt and text together.
  public func promptLength(for role: TextRole) -> Int { promptLengths[role, default: 0] }

  private static func promptLengths(
    _ folder: EncoderFolder, _ tokenizer: some Tokenizer
  ) -> [TextRole: Int] {
    guard !folder.pooling.includesPrompt else { return [:] }
    let closing = tokenizer.tokenize("", maximumLength: nil).ids.count > 1 ? 1 : 0
    var lengths: [TextRole: Int] = [:]
    for role in TextRole.allCases {
      let prompt = folder.prompt(for: role)
      guard !prompt.isEmpty else { continue }
      let ids = tokenizer.tokenize(prompt, maximumLength: folder.maximumLength).ids
      lengths[role] = ids.count - closing
    }
    return lengths
  }

  /// The fingerprint this encoder would have with other weights.
  public func fingerprint(of parameters: Parameters) -> String {
    folder.fingerprint(
      tokenizerIdentity: tokenizer.identity, tensors: parameters.fileTensors())
  }

  /// The ids of a text alone: no prompt, special tokens included, uncut unless a length is given.
  public func tokenizeUncut(_ text: String, maximumLength: Int? = nil) -> TokenizedText {
    tokenizer.tokenize(text, maximumLength: maximumLength)
  }
}

/// A network that is laid out once.
private struct LaidOut {
  private var made: PackedModel?

  mutating func model(of model: EmbeddingModel, _ precision: Precision) -> PackedModel {
    let packed = made ?? PackedModel(model, precision: precision)
    made = packed
    return packed
  }
}
