internal import Encoder
internal import Foundation
internal import Store

extension PassageCollection {
  /// Copies an encoder's folder into the collection, so that the collection stays whole by itself,
  /// and registers it. Does nothing for one that is known.
  func register(_ encoder: TextEncoder) throws {
    if try store.encoder(fingerprint: encoder.fingerprint) == nil {
      let name = "encoders/\(encoder.fingerprint)"
      let target = folder.appendingPathComponent(name, isDirectory: true)
      if !FileManager.default.fileExists(atPath: target.path) {
        try copyFolder(encoder.folder.url, to: target)
      }
      try store.register(
        EncoderRecord(
          fingerprint: encoder.fingerprint, dimension: encoder.dimension, path: name,
          name: encoder.folder.url.lastPathComponent, createdAt: now()))
    }
    remember(encoder)
  }

  /// Copies beside the target, then renames: a cut leaves no half folder under the final name.
  private func copyFolder(_ source: URL, to target: URL) throws {
    let files = FileManager.default
    let beside = target.appendingPathExtension("copying")
    try? files.removeItem(at: beside)
    do {
      try files.createDirectory(at: beside, withIntermediateDirectories: true)
      for name in try modelFiles(of: source) {
        let destination = beside.appendingPathComponent(name)
        try files.createDirectory(
          at: destination.deletingLastPathComponent(), withIntermediateDirectories: true)
        try files.copyItem(
          at: source.appendingPathComponent(name).resolvingSymlinksInPath(), to: destination)
      }
      try DurableFile.replace(temporary: beside, with: target)
    } catch {
      try? files.removeItem(at: beside)
      throw FreshetError(
        .badInput, "cannot copy the encoder \(source.path) into \(folder.path): \(error)")
    }
  }

  /// The files a text encoder is made of: JSON settings, vocabularies, and weights of one format.
  private func modelFiles(of source: URL) throws -> [String] {
    let wanted = [".json", ".txt", ".safetensors", ".md"]
    let found = FileManager.default.enumerator(atPath: source.path)?.compactMap { $0 as? String }
    return (found ?? []).filter { name in
      !name.hasPrefix(".") && !name.contains("/.") && wanted.contains { name.hasSuffix($0) }
    }
  }
}
