internal import Encoder
internal import Foundation
internal import Store

extension PassageCollection {
  /// Keeps an encoder in the collection, so that the collection stays whole by itself, and registers
  /// it. A copy that is missing or damaged is made again.
  ///
  /// What is written is a sentence-transformers folder with the pooling in it, whatever kind of
  /// folder the encoder came from: the collection opens without being told anything.
  func register(_ encoder: TextEncoder) throws {
    let name = "encoders/\(encoder.fingerprint)"
    let copy = folder.appendingPathComponent(name, isDirectory: true)
    if (try? TextEncoder(folder: copy))?.fingerprint != encoder.fingerprint {
      try? FileManager.default.removeItem(at: copy)
      try encoder.folder.write(
        to: copy, tensors: encoder.model.parameters.fileTensors(),
        modelCard:
          "A copy of \(encoder.folder.url.lastPathComponent), kept by a Freshet collection.\n")
    }
    if try store.encoder(fingerprint: encoder.fingerprint) == nil {
      try store.register(
        EncoderRecord(
          fingerprint: encoder.fingerprint, dimension: encoder.dimension, path: name,
          name: encoder.folder.url.lastPathComponent, createdAt: now()))
    }
    remember(encoder)
  }
}
