internal import Foundation
internal import Store
internal import Tensors
internal import VectorIndex

/// What a compaction did.
public struct CompactionSummary: Sendable, Equatable, Codable {
  /// Rows of deleted passages that are gone.
  public var removed: Int
  /// Passages there are.
  public var passages: Int
  /// The active generation by its new number; nil when nothing was ever encoded.
  public var generation: Int?
  /// Generations that were given up: neither active nor the one a rollback goes to.
  public var dropped: [Int]
}

/// The places where a compaction may be cut off.
enum CompactionStep: CaseIterable {
  case planned, begun, vectorsWritten, recorded, indexed, committed, cleared
}

extension PassageCollection {
  /// Removes the rows of deleted passages from the database, the vector files and the indexes.
  ///
  /// The active generation and the one a rollback goes to are written anew, without those rows,
  /// under new numbers; older generations are given up. Everything is written beside what is there,
  /// and takes its place in one transaction: whatever cuts this off, the collection is as it was or
  /// as it will be. Searches go on, and passages may be added meanwhile. Without deleted passages
  /// nothing happens.
  ///
  /// - Throws: `FreshetError.interrupted` when asked to stop, before anything has changed;
  ///   `StoreError.diskFull`: as much space as both generations take is needed for a while.
  @discardableResult
  public func compact(
    progress: ProgressHandler? = nil, shouldStop: StopCheck = { false }
  ) throws -> CompactionSummary {
    try compact(progress: progress, shouldStop: shouldStop, at: { _ in })
  }

  /// - Parameter step: called at each step, for tests that cut it off there.
  func compact(
    progress: ProgressHandler? = nil, shouldStop: StopCheck = { false },
    at step: (CompactionStep) throws -> Void
  ) throws -> CompactionSummary {
    try exclusively {
      let plan = try store.planCompaction()
      let before = try store.generations().map(\.id)
      guard !plan.removed.isEmpty else {
        return CompactionSummary(
          removed: 0, passages: try store.passageCount, generation: plan.kept.first?.id,
          dropped: [])
      }
      try step(.planned)
      let compacted = try plan.kept.enumerated().compactMap { place, record in
        try rewrite(record, by: plan, isActive: place == 0, progress, shouldStop, step)
      }
      try requireGoingOn(shouldStop)
      try store.compact(plan, replacing: compacted, now: now())
      try step(.committed)
      try clearAway(step)
      return CompactionSummary(
        removed: plan.removed.count, passages: try store.passageCount,
        generation: compacted.first?.new,
        dropped: before.filter { id in !compacted.contains { $0.old == id } })
    }
  }

  /// The new state stands; what is left of the old one is only in the way.
  private func clearAway(_ step: (CompactionStep) throws -> Void) throws {
    do {
      _ = try store.collectGarbage()
      try store.shrinkDatabase()
    } catch {
      notice("compacted, but not all space is given back yet: \(FreshetError.words(for: error))")
    }
    try step(.cleared)
  }

  /// Writes a kept generation anew, or gives it up when it is only kept for a rollback and cannot
  /// be read.
  private func rewrite(
    _ record: GenerationRecord, by plan: CompactionPlan, isActive: Bool,
    _ progress: ProgressHandler?, _ shouldStop: StopCheck, _ step: (CompactionStep) throws -> Void
  ) throws -> CompactedGeneration? {
    let vectors: Matrix
    do {
      vectors = try mapVectors(of: record)
    } catch where !isActive {
      notice("generation \(record.id) is given up: \(FreshetError.words(for: error))")
      return nil
    }
    let id = try store.beginGeneration(
      encoder: record.encoder, parent: nil, corrector: record.corrector, now: record.createdAt)
    try step(.begun)
    let written = try writeVectors(vectors, of: id, plan, progress, shouldStop)
    try step(.vectorsWritten)
    try copyEmbeddings(of: record.id, to: id, plan)
    try step(.recorded)
    if written.rows > 0 {
      let path = VectorFiles.path(folder: folder, generation: id).path
      try buildIndex(
        generation: id,
        of: Matrix(mapping: path, rows: written.rows, columns: vectors.columns),
        recipe(of: record), fingerprint: record.encoder, progress: progress)
    }
    try step(.indexed)
    return CompactedGeneration(
      old: record.id, new: id, rowCount: written.rows, vectorsSHA256: written.sha256)
  }

  private func writeVectors(
    _ vectors: Matrix, of id: Int, _ plan: CompactionPlan, _ progress: ProgressHandler?,
    _ shouldStop: StopCheck
  ) throws -> (rows: Int, sha256: String) {
    let writer = try VectorFileWriter(
      path: VectorFiles.path(folder: folder, generation: id), columns: vectors.columns)
    for start in stride(from: 0, to: vectors.rows, by: Self.rowsPerBlock) {
      try requireGoingOn(shouldStop)
      let range = start..<min(start + Self.rowsPerBlock, vectors.rows)
      let kept = range.filter { plan.newRow(of: $0) != nil }
      try writer.append(vectors.gathering(kept).elements)
      progress?(WorkProgress(.writing, done: range.upperBound, total: vectors.rows))
    }
    return try writer.finish()
  }

  private func copyEmbeddings(of old: Int, to new: Int, _ plan: CompactionPlan) throws {
    let records = try store.embeddings(generation: old).compactMap { record in
      plan.newRow(of: record.row).map { row in
        var record = record
        record.row = row
        return record
      }
    }
    try store.appendEmbeddings(records, generation: new)
  }
}
