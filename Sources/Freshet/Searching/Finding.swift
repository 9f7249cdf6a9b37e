internal import Tensors

/// A row that answers a query, on its way to a hit.
struct Finding: Equatable {
  var row: Int
  /// What it is ranked by.
  var score: Float
  /// Of a hybrid search: where the score comes from.
  var fused: FusedRanks?

  init(_ neighbor: Neighbor) { (row, score) = (neighbor.row, neighbor.score) }

  init(_ fused: FusedRanks) {
    (row, score, self.fused) = (fused.row, Float(fused.score), fused)
  }
}

/// One row in two rankings.
struct FusedRanks: Equatable {
  var row: Int
  /// Σ 1 / (60 + rank) over the rankings it is in.
  var score = 0.0
  var denseRank: Int?, denseScore: Float?
  var bm25Rank: Int?, bm25Score: Double?

  init(row: Int) { self.row = row }
}
