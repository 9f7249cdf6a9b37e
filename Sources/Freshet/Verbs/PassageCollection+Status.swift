public import Foundation
internal import Store
internal import Synchronization
public import VectorIndex

/// What a collection holds.
public struct CollectionStatus: Sendable, Equatable, Codable {
  /// One generation.
  public struct Generation: Sendable, Equatable, Codable {
    public var id: Int
    /// Fingerprint of its encoder.
    public var encoder: String
    public var passages: Int, encoded: Int, corrected: Int
    public var createdAt: Date
  }
  /// The index of the active generation, as it is stored.
  public struct Index: Sendable, Equatable, Codable {
    /// A FAISS factory string.
    public var recipe: String
    /// Rows it covers; those that came later are compared one by one.
    public var rows: Int
    /// What searches use when nothing else is said, and the recall that reached, where it was tuned.
    public var tuning: IndexTuning?
  }
  /// One encoder.
  public struct EncoderSummary: Sendable, Equatable, Codable {
    public var fingerprint: String
    public var name: String
    public var dimension: Int
  }
  /// The active generation, or nil before the first encoding.
  public var active: Int?
  public var generations: [Generation]
  /// Nil before the first encoding, and when its manifest cannot be read.
  public var index: Index?
  /// Passages alive, and those among them whose present text has no embedding in the active
  /// generation (they are not found until `encode` runs).
  public var passages: Int, pending: Int
  /// Passages that were deleted and still take a row in every vector file, until `compact` runs.
  public var deleted: Int
  public var encoders: [EncoderSummary]

  /// The share of rows that are deleted passages', 0 to 1.
  public var deadShare: Double { Double(deleted) / Double(max(passages + deleted, 1)) }
  /// Whether compacting is worth its while: a fifth of the rows is dead. Below that, searches and
  /// files lose less than a compaction costs.
  public var suggestsCompaction: Bool { deadShare >= 0.2 }
}

extension PassageCollection {
  /// Counts of everything. Cheap when nothing has changed since the last call.
  public func status() throws -> CollectionStatus {
    let version = try store.dataVersion()
    if let known = state.withLock({ $0.status }), known.version == version { return known.value }
    let status = try countEverything()
    state.withLock { $0.status = (version, status) }
    return status
  }

  private func countEverything() throws -> CollectionStatus {
    let generations = try store.generations().filter { $0.state == .ready }
    let active = generations.first(where: \.isActive)
    return CollectionStatus(
      active: active?.id,
      generations: generations.map {
        .init(
          id: $0.id, encoder: $0.encoder, passages: $0.encoded + $0.corrected,
          encoded: $0.encoded, corrected: $0.corrected, createdAt: $0.createdAt)
      },
      index: active.flatMap { indexStatus(of: $0.id) },
      passages: try store.passageCount,
      pending: try store.pendingRows(generation: active?.id).count,
      deleted: try store.tombstoneCount(),
      encoders: try store.encoders().map {
        .init(fingerprint: $0.fingerprint, name: $0.name, dimension: $0.dimension)
      })
  }

  private func indexStatus(of generation: Int) -> CollectionStatus.Index? {
    (try? IndexFiles.manifest(folder: folder, generation: generation)).map {
      CollectionStatus.Index(
        recipe: $0.recipe, rows: $0.covered ?? $0.count, tuning: $0.tuning)
    }
  }

  /// Goes back to the generation that was active before the present one, exactly as it was.
  ///
  /// - Returns: the generation that is active now.
  /// - Throws: `StoreError.unknownGeneration` when there is none to go back to.
  @discardableResult
  public func rollback() throws -> GenerationSummary {
    try exclusively { GenerationSummary(try store.rollback(now: now())) }
  }
}
