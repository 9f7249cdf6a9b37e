public import Foundation
import GRDB

/// An encoder the collection knows, by its fingerprint.
public struct EncoderRecord: Sendable, Equatable {
  /// What identifies it: a hash over everything that changes its embeddings.
  public var fingerprint: String
  /// Floats per embedding.
  public var dimension: Int
  /// Where it lies: `encoders/<name>` within the collection, or an absolute path outside.
  public var path: String
  /// A name for people; identifies nothing.
  public var name: String
  /// When it was first registered, to the millisecond.
  public var createdAt: Date

  /// Makes a record.
  public init(fingerprint: String, dimension: Int, path: String, name: String, createdAt: Date) {
    (self.fingerprint, self.dimension) = (fingerprint, dimension)
    (self.path, self.name, self.createdAt) = (path, name, createdAt)
  }

  /// The encoder's folder, for a collection at `folder`.
  public func url(inCollection folder: URL) -> URL {
    path.hasPrefix("/")
      ? URL(fileURLWithPath: path, isDirectory: true)
      : folder.appendingPathComponent(path, isDirectory: true)
  }
}

/// A fitted corrector: what it moves, from where to where, and how it was judged.
public struct CorrectorRecord: Sendable, Equatable {
  /// Its name, and that of its file in `correctors/`.
  public var id: String
  /// Which family it is of, such as "ridge".
  public var kind: String
  /// Fingerprint of the encoder whose embeddings it takes.
  public var fromEncoder: String
  /// Fingerprint of the encoder in whose space it puts them.
  public var toEncoder: String
  /// Passages encoded by both, to fit and judge it.
  public var sampleSize: Int
  /// The seed of the fit.
  public var seed: Int64
  /// The judgement on held-out passages, as JSON text.
  public var judged: String
  /// When it was fitted, to the millisecond.
  public var createdAt: Date

  /// Makes a record.
  public init(
    id: String, kind: String, fromEncoder: String, toEncoder: String, sampleSize: Int,
    seed: Int64, judged: String, createdAt: Date
  ) {
    (self.id, self.kind, self.fromEncoder, self.toEncoder) = (id, kind, fromEncoder, toEncoder)
    (self.sampleSize, self.seed, self.judged) = (sampleSize, seed, judged)
    self.createdAt = createdAt
  }
}

extension EncoderRecord {
  init(_ found: Row) {
    self.init(
      fingerprint: found["fingerprint"], dimension: found["dimension"], path: found["path"],
      name: found["name"], createdAt: found["createdAt"])
  }
}

extension CorrectorRecord {
  init(_ found: Row) {
    self.init(
      id: found["id"], kind: found["kind"], fromEncoder: found["fromEncoder"],
      toEncoder: found["toEncoder"], sampleSize: found["sampleSize"], seed: found["seed"],
      judged: found["judged"], createdAt: found["createdAt"])
  }
}
