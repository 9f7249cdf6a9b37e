public import Foundation
import GRDB

/// How an embedding came to be.
public enum Provenance: String, Sendable, Codable, CaseIterable {
  /// By the generation's encoder, from the text.
  case encoded
  /// From an embedding of the parent generation, by a corrector.
  case corrected
}

/// Whether a generation is whole.
public enum GenerationState: String, Sendable {
  /// Being built: garbage if its builder dies.
  case building
  /// Whole, on disk, and fit to be activated.
  case ready
}

/// One embedding for every passage of a collection, all in the space of one encoder.
public struct GenerationRecord: Sendable, Equatable {
  /// Its number, from 0, never given to another generation.
  public var id: Int
  /// Fingerprint of its encoder; queries against it are encoded by that one only.
  public var encoder: String
  /// Rows of its vector file; 0 while it is being built.
  public var rowCount: Int
  /// Embeddings of provenance `encoded`.
  public var encoded: Int
  /// Embeddings of provenance `corrected`.
  public var corrected: Int
  /// The corrector that made the corrected ones.
  public var corrector: String?
  /// The generation it was made from.
  public var parent: Int?
  /// When it was begun, to the millisecond.
  public var createdAt: Date
  /// Whether it is whole.
  public var state: GenerationState
  /// Whether it is the one that searches use now.
  public var isActive: Bool
  /// SHA-256 (hex) of its vector file, when that was told.
  public var vectorsSHA256: String?

  /// Makes a record.
  public init(
    id: Int, encoder: String, rowCount: Int, encoded: Int, corrected: Int, corrector: String?,
    parent: Int?, createdAt: Date, state: GenerationState, isActive: Bool,
    vectorsSHA256: String? = nil
  ) {
    (self.id, self.encoder, self.rowCount) = (id, encoder, rowCount)
    (self.encoded, self.corrected, self.corrector) = (encoded, corrected, corrector)
    (self.parent, self.createdAt, self.state) = (parent, createdAt, state)
    (self.isActive, self.vectorsSHA256) = (isActive, vectorsSHA256)
  }
}

/// What is known of one embedding; its numbers are in the generation's vector file.
public struct EmbeddingRecord: Sendable, Equatable {
  /// The passage's row, and the vector's.
  public var row: Int
  /// How it came to be.
  public var provenance: Provenance
  /// 1 − cosine to what the encoder would give, as the corrector predicts; nil when encoded.
  public var predictedError: Double?
  /// `TextHash` of the text it stands for.
  public var textHash: String

  /// Makes a record.
  public init(row: Int, provenance: Provenance, predictedError: Double?, textHash: String) {
    (self.row, self.provenance) = (row, provenance)
    (self.predictedError, self.textHash) = (predictedError, textHash)
  }
}

extension GenerationRecord {
  /// Selects generations with `isActive`; conditions follow.
  static let selection = """
    SELECT generation.*, generation.id IS
      (SELECT generation FROM activation ORDER BY id DESC LIMIT 1) AS isActive
    FROM generation
    """

  init(_ found: Row) {
    let state: String = found["state"]
    self.init(
      id: found["id"], encoder: found["encoder"], rowCount: found["rowCount"],
      encoded: found["encoded"], corrected: found["corrected"], corrector: found["corrector"],
      parent: found["parent"], createdAt: found["createdAt"],
      state: state == GenerationState.ready.rawValue ? .ready : .building,
      isActive: found["isActive"], vectorsSHA256: found["vectorsSHA256"])
  }
}

extension EmbeddingRecord {
  static let columns = "row, provenance, predictedError, textHash"

  /// Reads a result row of `columns`.
  init(_ found: Row) {
    let provenance: String = found[1]
    self.init(
      row: found[0],
      provenance: provenance == Provenance.encoded.rawValue ? .encoded : .corrected,
      predictedError: found[2], textHash: found[3])
  }
}
