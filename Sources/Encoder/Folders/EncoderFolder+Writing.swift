public import Foundation
public import Tensors

extension EncoderFolder {
  /// Writes a complete sentence-transformers folder: this one's network with other weights.
  ///
  /// The schema is that of sentence-transformers up to 5.3, which later versions and the servers
  /// read too. Tokenizer files are copied; the pooler, which embeddings do not use, is carried over
  /// when there is one, so that Python loads without a warning. The folder appears whole or not at
  /// all.
  ///
  /// - Parameters:
  ///   - destination: where to; nothing may be there. Folders above it are made.
  ///   - tensors: every weight by canonical name, in any order; see ``canonicalTensors()``.
  ///   - modelCard: the text of `README.md`.
  /// - Throws: `EncoderError`: `.alreadyExists`; `.missingTensor`, `.wrongShape`, `.notFinite` or
  ///   `.invalidArgument` naming a tensor; `.io` when the system refuses. No part of it
  ///   is left then.
  public func write(
    to destination: URL, tensors: [(name: String, shape: [Int], values: Matrix)],
    modelCard: String
  ) throws {
    try FolderWriter(networks: [WrittenNetwork(self, tensors)], modelCard: modelCard)
      .write(to: destination)
  }
}
