public import Foundation

/// Where everything of a collection folder lies.
public struct CollectionLayout: Sendable, Equatable {
  /// The collection's own folder.
  public let folder: URL

  /// The layout of the collection at `folder`, which need not exist.
  public init(folder: URL) {
    self.folder = folder.standardizedFileURL
  }

  /// The SQLite file: the truth.
  public var database: URL { folder.appendingPathComponent("freshet.sqlite") }
  /// Vector files, one per generation.
  public var vectors: URL { part("vectors") }
  /// Index files, derived from vector files.
  public var index: URL { part("index") }
  /// Encoder folders, named by fingerprint.
  public var encoders: URL { part("encoders") }
  /// Corrector files, named by id.
  public var correctors: URL { part("correctors") }

  /// The file whose advisory lock the one writer holds.
  var lock: URL { folder.appendingPathComponent(".lock") }
  /// The folders that hold files named by rows.
  var parts: [URL] { [vectors, index, encoders, correctors] }

  /// Where the corrector `id` is stored.
  public func corrector(id: String) -> URL {
    correctors.appendingPathComponent("\(id).safetensors")
  }

  private func part(_ name: String) -> URL {
    folder.appendingPathComponent(name, isDirectory: true)
  }
}
