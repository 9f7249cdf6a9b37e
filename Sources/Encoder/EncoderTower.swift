import Foundation
import Tensors

/// One network of an encoder, with all that a text meets on its way to an embedding.
struct EncoderTower: Sendable {
  let folder: EncoderFolder
  let tokenizer: any Tokenizer
  private let laidOut: LaidOutModel
  /// See ``promptLength(for:)``.
  private let promptLengths: [TextRole: Int]

  var model: EmbeddingModel { laidOut.model }
  var precision: Precision { laidOut.precision }
  /// The weights laid out for encoding.
  var packed: PackedModel { laidOut.packed }

  /// Reads the tokenizer and the weights of a folder.
  ///
  /// - Throws: `EncoderError` or `TokenizerError` naming the file and what is wrong with it.
  init(_ folder: EncoderFolder, precision: Precision) throws {
    self.folder = folder
    tokenizer = try Tokenizers.read(folder: folder.tokenizerFolder)
    guard tokenizer.vocabularySize <= folder.configuration.vocabularySize else {
      throw EncoderError(
        .invalidConfiguration,
        "\(folder.tokenizerFolder.path): the tokenizer has \(tokenizer.vocabularySize) tokens, "
          + "the model \(folder.configuration.vocabularySize)")
    }
    promptLengths = Self.promptLengths(folder, tokenizer)
    laidOut = LaidOutModel(
      try EmbeddingModel(
        folder.configuration, pooling: folder.pooling, modules: folder.modules,
        dimensions: folder.dimensions, tensors: folder.canonicalTensors()),
      precision: precision)
  }

  /// How many ids at the front of a text are left out of the pooling; see
  /// ``TextEncoder/promptLength(for:)``.
  func promptLength(for role: TextRole) -> Int { promptLengths[role, default: 0] }

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

  /// What identifies the network: its own fingerprint, when it encodes both roles.
  func fingerprint() throws -> String {
    try folder.fingerprint(tokenizerIdentity: tokenizer.identity)
  }

  /// What would identify it with other weights.
  func fingerprint(of parameters: Parameters) -> String {
    folder.fingerprint(tokenizerIdentity: tokenizer.identity, tensors: parameters.fileTensors())
  }
}
