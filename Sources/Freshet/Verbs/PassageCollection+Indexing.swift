internal import Encoder
internal import Foundation
internal import Store
internal import Synchronization
internal import Tensors
public import VectorIndex

/// How the index of a generation is built, and what it was found to reach.
public struct IndexSummary: Sendable, Equatable, Codable {
  public var generation: Int
  /// A FAISS factory string.
  public var recipe: String
  /// Why that one, when it was chosen automatically.
  public var why: String?
  /// About how many bytes it holds in memory, besides the mapped vectors; 0 when that is not known.
  public var bytes: Int
  /// What searches use when nothing else is said, and the recall that reaches.
  public var tuning: IndexTuning
}

extension PassageCollection {
  /// Builds the index of the active generation anew and tunes it to a recall.
  ///
  /// Searches go on with the former index until this one is stored.
  /// - Parameters:
  ///   - recipe: a FAISS factory string, or "auto": the richest that fits the target's memory.
  ///   - target: the recall to reach, on how many neighbours, in how much memory.
  ///   - queries: what to tune by, encoded here; a sample of the passages themselves when nil, for
  ///     which recall is often higher than for questions.
  /// - Throws: `FreshetError.empty` when nothing is encoded; `IndexError` for a recipe that does not
  ///   fit.
  @discardableResult
  public func index(
    _ recipe: String = "auto", target: IndexTarget = IndexTarget(), queries: [Query]? = nil,
    progress: ProgressHandler? = nil
  ) throws -> IndexSummary {
    try exclusively {
      let active = try activeGeneration()
      let asked = try IndexRecipe(parsing: recipe)
      var why: String?
      var chosen = asked
      if asked == .automatic {
        let choice = FaissIndex.automaticRecipe(
          count: active.vectors.rows, dimension: active.vectors.columns, memory: target.memory)
        (chosen, why) = (.faiss(choice.recipe), choice.why)
      }
      let built = try FaissIndex.build(
        chosen, vectors: active.vectors, seed: 0, threads: Threads.count
      ) {
        let rows = active.vectors.rows
        progress?(WorkProgress(.indexing, done: Int($0 * Double(rows)), total: rows))
      }
      let asking =
        queries.map { queryEmbeddings($0, active.encoder, progress) }
        ?? passagesAsQueries(active.vectors)
      let tuning = try built.tuning(queries: asking, target: target)
      let index = built.tuned(tuning)
      try IndexFiles.write(
        index, folder: folder, generation: active.record.id, fingerprint: active.record.encoder,
        now: now())
      use(index, instead: active)
      return IndexSummary(
        generation: active.record.id, recipe: index.recipe, why: why, bytes: index.bytes,
        tuning: tuning)
    }
  }

  /// Lets searches from now on ask another index of the same vectors.
  private func use(_ index: FaissIndex, instead former: ActiveGeneration) {
    let active = ActiveGeneration(
      record: former.record, encoder: former.encoder, vectors: former.vectors, index: index,
      excluded: former.excluded, version: former.version, compactions: former.compactions)
    state.withLock { state in
      if state.active === former { state.active = active }
      state.status = nil
    }
  }
}
