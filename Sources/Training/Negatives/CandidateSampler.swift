import Corrector
import Tensors

/// Draws in two stages: the passages that score best by an older correction are candidates, and
/// only they are corrected anew and drawn from.
///
/// With every passage a candidate, these are the draws from all passages corrected anew.
struct CandidateSampler: Sendable {
  let sampler: SoftmaxSampler
  /// M': candidates per query, beside those that must not be drawn.
  let candidates: Int

  /// For each query k rows of its candidates.
  ///
  /// - Parameters:
  ///   - embeddings: (queries, d).
  ///   - older: (N, d), the passages as they were corrected last.
  ///   - stale: (N, d).
  ///   - corrector: as it is now.
  func draw(
    for queries: [NegativeQuery], embeddings: Matrix, older: Matrix, stale: Matrix,
    corrector: some Corrector, step: Int
  ) -> [[Int]] {
    let found = candidates(of: queries, embeddings, older)
    // Positives among them: the margin is measured from them.
    let rows = Set(found.joined()).union(queries.compactMap(\.positive)).sorted()
    let place = Dictionary(uniqueKeysWithValues: rows.enumerated().map { ($1, $0) })
    let corrected = corrector.apply(stale.gathering(rows))
    return Array(queries.indices).concurrentMap { i in
      let embedding = embeddings[rows: i..<i + 1]
      let positive = queries[i].positive.flatMap { place[$0] }.map { corrected[rows: $0..<$0 + 1] }
      var top = sampler.top(queries[i], embedding, positive: positive, step: step)
      let own = found[i].compactMap { place[$0] }
      let scores = product(embedding, corrected.gathering(own), transposeB: true).elements
      for (row, score) in zip(found[i], scores) {
        top.offer(row, logit: Double(score) / sampler.temperature)
      }
      return top.rows
    }
  }

  /// For each query its candidates, ascending, without those that must not be drawn.
  func candidates(
    of queries: [NegativeQuery], _ embeddings: Matrix, _ older: Matrix
  ) -> [[Int]] {
    let most = queries.map(\.masked.count).max() ?? 0
    let found = exactTopK(queries: embeddings, passages: older, k: candidates + most)
    return zip(queries, found).map { query, neighbors in
      neighbors.lazy.map(\.row).filter { !query.masked.contains($0) }.prefix(candidates).sorted()
    }
  }
}
