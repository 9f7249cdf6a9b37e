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
      let title = encoder.folder.url.lastPathComponent
      try encoder.save(
        to: copy,
        card: ModelCard(title: title, summary: "A copy that a Freshet collection keeps."))
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
