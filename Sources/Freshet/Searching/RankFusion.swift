internal import Store
internal import Tensors

/// Reciprocal rank fusion.
///
/// Source: Cormack, Clarke and Büttcher, Reciprocal Rank Fusion outperforms Condorcet and
/// individual Rank Learning Methods, SIGIR 2009: score(d) = Σ over rankings of 1 / (k + rank(d)),
/// k = 60, ranks from 1; a ranking that has not d adds nothing.
enum RankFusion {
  /// The paper's k.
  static let k = 60.0
  /// How many of each ranking are fused at least: pages within it come from one and the same list.
  static let depth = 200

  /// The rows of either ranking, best first, equal scores by ascending row.
  static func fuse(dense: [Neighbor], words: [TextMatch]) -> [FusedRanks] {
    var rows: [Int: FusedRanks] = [:]
    for (i, neighbor) in dense.enumerated() {
      rows[neighbor.row, default: FusedRanks(row: neighbor.row)].denseRank = i + 1
      rows[neighbor.row]?.denseScore = neighbor.score
    }
    for (i, match) in words.enumerated() {
      rows[match.row, default: FusedRanks(row: match.row)].bm25Rank = i + 1
      rows[match.row]?.bm25Score = match.score
    }
    return rows.values.map { ranks in
      var ranks = ranks
      ranks.score = [ranks.denseRank, ranks.bm25Rank].reduce(0) { sum, rank in
        sum + (rank.map { 1 / (k + Double($0)) } ?? 0)
      }
      return ranks
    }.sorted { $0.score != $1.score ? $0.score > $1.score : $0.row < $1.row }
  }
}
