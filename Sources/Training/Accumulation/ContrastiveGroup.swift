package import Tensors

/// The rows of one loss, tower by tower: queries, then passages.
package enum TowerRows<Rows: DifferentiableRows> where Rows.Representation == Matrix {
  /// One tower for both: the first `queries` rows are queries.
  case tied(Rows, queries: Int)
  /// Two towers.
  case untied(query: Rows, passage: Rows)

  fileprivate var towers: [Rows] {
    switch self {
    case .tied(let rows, _): [rows]
    case .untied(let query, let passage): [query, passage]
    }
  }

  fileprivate func split(_ representations: [Matrix]) -> (queries: Matrix, columns: Matrix) {
    switch self {
    case .tied(_, let queries):
      let all = representations[0]
      return (all[rows: 0..<queries], all[rows: queries..<all.rows])
    case .untied: return (representations[0], representations[1])
    }
  }

  fileprivate func join(queries: Matrix, columns: Matrix) -> [Matrix] {
    switch self {
    case .tied: [.concatenatingRows([queries, columns])]
    case .untied: [queries, columns]
    }
  }
}

/// One loss of an update: examples that see each other, and the memory bank.
package struct ContrastiveGroup<Rows: DifferentiableRows> where Rows.Representation == Matrix {
  let batch: TrainingBatch
  let rows: TowerRows<Rows>

  package init(batch: TrainingBatch, rows: TowerRows<Rows>) {
    self.batch = batch
    self.rows = rows
  }

  /// Adds the gradient of the group's loss times `weight` to `gradients`, one for each tower, and
  /// puts the group's embeddings into the bank.
  ///
  /// - Parameter pulling: told the embeddings of the columns; what it returns, of the same shape,
  ///   is added to their gradient.
  package func accumulate(
    weight: Double, objective: ContrastiveObjective, bank: inout MemoryBank,
    by encoding: some RowEncoding, into gradients: inout [Rows.Gradients],
    pulling: (_ columns: Matrix) -> Matrix? = { _ in nil }
  ) -> ContrastiveObjective.Result {
    var result: ContrastiveObjective.Result?
    encoding.accumulate(rows.towers, into: &gradients) { representations in
      let (queries, columns) = rows.split(representations)
      let evaluated = objective.evaluate(
        queries: queries, columns: columns, of: batch, weight: weight, bank: &bank)
      result = evaluated
      var columnGradient = evaluated.columnGradient
      if let pull = pulling(columns) { columnGradient.add(pull, scaledBy: 1) }
      return rows.join(queries: evaluated.queryGradient, columns: columnGradient)
    }
    guard let result else { preconditionFailure("the encoding asked for no loss") }
    return result
  }
}
