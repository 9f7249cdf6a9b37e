public import Foundation
public import Tensors

/// A text encoder ready to use: a model folder, its tokenizer, and its weights in memory.
///
/// Most encoders are one network for all texts. An untied one has two, one for queries and one for
/// passages (Karpukhin et al. 2020), in a folder with a Router; its networks may differ in
/// everything but the dimension of their embeddings.
///
/// An embedding depends on its text and role alone, to the last bit: neither the texts encoded with
/// it nor the number of threads change it. Between instruction levels the last bits of `float32`
/// differ (see ``Kernels/level``).
public final class TextEncoder: Sendable {
  /// The query's network.
  private let queryTower: EncoderTower
  /// The passage's network: the same memory when there is one for both.
  private let passageTower: EncoderTower
  /// What identifies it: a hash over everything that changes an embedding, never a name or path.
  public let fingerprint: String
  /// Whether queries and passages go through one network.
  public let isTied: Bool

  /// The folder it was read from, as the passage's network sees it.
  public var folder: EncoderFolder { passageTower.folder }
  /// The passage's network, which is the query's too when the encoder is tied.
  public var model: EmbeddingModel { passageTower.model }
  /// What products are computed in.
  public var precision: Precision { passageTower.precision }
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
    func read(_ role: TextRole) throws -> EncoderFolder {
      try EncoderFolder(
        reading: url, for: role, pooling: pooling, normalizes: normalizes, dimensions: dimensions)
    }
    let folder = try read(.passage)
    let other = folder.isTied ? nil : try read(.query)
    try other.map { try Self.requireOneDimension($0, folder) }
    let passage = try EncoderTower(folder, precision: precision)
    let query = try other.map { try EncoderTower($0, precision: precision) }
    isTied = folder.isTied
    passageTower = passage
    queryTower = query ?? passage
    let own = try passage.fingerprint()
    fingerprint = EncoderFolder.fingerprint(
      query: try query?.fingerprint() ?? own, passage: own)
  }

  private static func requireOneDimension(
    _ query: EncoderFolder, _ passage: EncoderFolder
  ) throws {
    guard query.dimension != passage.dimension else { return }
    throw EncoderError(
      .invalidConfiguration,
      "\(passage.url.path): queries get \(query.dimension) dimensions (\(query.weightsPath)), "
        + "passages \(passage.dimension) (\(passage.weightsPath)); they must be as many")
  }

  /// What texts of a role go through.
  func tower(for role: TextRole) -> EncoderTower {
    switch role {
    case .query: queryTower
    case .passage: passageTower
    }
  }

  /// The network that encodes texts of a role.
  public func model(for role: TextRole) -> EmbeddingModel { tower(for: role).model }

  /// The folder as the network of a role sees it: its sizes, pooling, longest text and files.
  public func folder(for role: TextRole) -> EncoderFolder { tower(for: role).folder }

  /// The ids the model sees for a text in a role: prompt in front, special tokens, cut to length.
  ///
  /// - Parameter maximumLength: tokens at most, special ones included; nil means the folder's for
  ///   the role.
  public func tokenize(
    _ text: String, as role: TextRole, maximumLength: Int? = nil
  ) -> TokenizedText {
    let tower = tower(for: role)
    let limit = min(maximumLength ?? tower.folder.maximumLength, tower.folder.maximumLength)
    return tower.tokenizer.tokenize(tower.folder.prompt(for: role) + text, maximumLength: limit)
  }

  /// The ids of a text alone: no prompt, special tokens included, uncut unless a length is given.
  public func tokenizeUncut(
    _ text: String, as role: TextRole = .passage, maximumLength: Int? = nil
  ) -> TokenizedText {
    tower(for: role).tokenizer.tokenize(text, maximumLength: maximumLength)
  }

  /// How many ids at the front of a text in this role are left out of the pooling: the prompt and
  /// what stands before it, when the folder's pooling leaves prompts out; else 0.
  ///
  /// As sentence-transformers counts them: the ids of the prompt alone without the special token at
  /// their end, whatever the tokenizer makes of prompt and text together.
  public func promptLength(for role: TextRole) -> Int {
    tower(for: role).promptLength(for: role)
  }
}
