internal import Corrector
internal import Encoder
internal import Store
internal import Tensors

extension PassageCollection {
  /// The rows that stand exact among corrected ones, worst first: the sample, and where the budget
  /// brings most, predicted error × use. None where every row is corrected.
  func exactRows(
    _ fitted: FittedRefresh, _ plan: RefreshPlan, _ options: RefreshOptions,
    _ progress: ProgressHandler?
  ) throws -> [Int] {
    guard plan.chosen == "hybrid" else {
      if options.budget != nil {
        notice(
          "the budget is not spent: true embeddings among corrected ones were judged to lose "
            + "neighbours; `freshet refresh --continue` encodes them all before it serves any")
      }
      return []
    }
    let rows = fitted.correctable
    let errors = try predictedErrors(rows, fitted)
    let uses = try uses(rows, fitted, options, progress)
    let sampled = Set(fitted.sampled)
    let worst = rows.indices.filter { !sampled.contains(rows[$0]) }
      .map { (row: rows[$0], worth: errors[$0] * uses[$0]) }
      .sorted { ($1.worth, $0.row) < ($0.worth, $1.row) }
    return worst.prefix(fitted.exact - sampled.count).map(\.row) + fitted.sampled
  }

  /// Block by block: no more than a block's vectors are in memory.
  private func predictedErrors(_ rows: [Int], _ fitted: FittedRefresh) throws -> [Float] {
    try stride(from: 0, to: rows.count, by: Self.rowsPerBlock).flatMap { start in
      let block = Array(rows[start..<min(start + Self.rowsPerBlock, rows.count)])
      return try corrected(block, fitted).errors
    }
  }

  /// One for each row, and one more for each query of the log that finds it among its ten nearest.
  private func uses(
    _ rows: [Int], _ fitted: FittedRefresh, _ options: RefreshOptions,
    _ progress: ProgressHandler?
  ) throws -> [Float] {
    var uses = [Float](repeating: 1, count: rows.count)
    guard !options.queryLog.isEmpty else { return uses }
    let queries = queryEmbeddings(options.queryLog, fitted.encoder, progress)
    let vectors = try corrected(rows, fitted).vectors
    for hits in exactTopK(queries: queries, passages: vectors, k: 10) {
      for hit in hits { uses[hit.row] += 1 }
    }
    return uses
  }
}
