import Tensors

/// The losses of one group at one width after the other: what they have in common.
struct LossTerms {
  private let objective: ContrastiveObjective
  private let batch: TrainingBatch
  private let bank: MemoryBank
  private let spans: [ExampleSpan]
  private let weight: Double

  /// What the losses of one width came to.
  struct Result {
    var loss = 0.0, accuracy = 0.0
    var massByAge: [Double] = []
    /// (rows, d), (columns, d): weight included.
    var queryGradient: Matrix, columnGradient: Matrix
    /// What the bank keeps of the rows; empty when it holds passages only.
    var kept: [LossDirection: RowSums.Group] = [:]
  }

  init(
    _ objective: ContrastiveObjective, _ batch: TrainingBatch, weight: Double, bank: MemoryBank
  ) {
    precondition(
      zip(batch.owners, batch.owners.dropFirst()).allSatisfy { $0 <= $1 },
      "the negatives of a batch come in the order of the rows that brought them")
    self.objective = objective
    self.batch = batch
    self.weight = weight
    self.bank = bank
    spans = bank.spans(adding: batch.rows)
  }

  /// The losses of all directions at one width.
  func evaluate(queries: Matrix, columns: Matrix, width: Int) -> Result {
    var result = Result(
      queryGradient: Matrix(rows: queries.rows, columns: queries.columns),
      columnGradient: Matrix(rows: columns.rows, columns: columns.columns))
    let positives = columns[rows: 0..<batch.rows]
    for direction in objective.directions {
      let share = 1 / Double(objective.directions.count)
      switch direction {
      case .queries:
        let found = term(direction, rows: queries, columns: columns, width: width, share: share)
        result.loss += share * found.loss / Double(divisor)
        result.accuracy = Double(found.correct) / Double(batch.rows)
        result.massByAge = found.mass.map { $0 / Double(batch.rows) }
        result.queryGradient.add(found.rowGradient)
        result.columnGradient.add(found.columnGradient)
        result.kept[direction] = kept(found)
      case .passages:
        let found = term(direction, rows: positives, columns: queries, width: width, share: share)
        result.loss += share * found.loss / Double(divisor)
        result.queryGradient.add(found.columnGradient)
        var head = result.columnGradient[rows: 0..<batch.rows]
        head.add(found.rowGradient)
        result.columnGradient.setRows(startingAt: 0, to: head)
        result.kept[direction] = kept(found)
      }
    }
    return result
  }

  /// Rows whose losses are added up.
  private var rowCount: Int { batch.rows + (objective.banksQueries ? bank.count : 0) }

  /// What the sum is divided by.
  private var divisor: Int { objective.normaliser == .allRows ? rowCount : batch.rows }

  private func kept(_ found: SoftmaxLoss.Outcome) -> RowSums.Group? {
    guard bank.capacity > 0, objective.banksQueries else { return nil }
    return RowSums.Group(labels: found.labels, standing: found.standing, later: found.later)
  }

  private func term(
    _ direction: LossDirection, rows: Matrix, columns: Matrix, width: Int, share: Double
  ) -> SoftmaxLoss.Outcome {
    let loss = SoftmaxLoss(
      scale: Float(1 / objective.temperature),
      factor: weight * share / (Double(divisor) * objective.temperature), spans: spans,
      lines: objective.banksQueries ? bank.grid?.lines ?? 0 : 0)
    let own = ColumnSegment(columns: columns, blocks: ownBlocks(direction))
    let banked = bank.count > 0 ? bank.widths[width] : nil
    let segments = banked.map { bank.segments(of: $0, direction, spans: spans) } ?? []
    let closed =
      objective.masksFalseNegatives
      ? ClosedColumns(batch, direction, segments: segments.count, bank: bank)
      : ClosedColumns(rows: batch.rows, segments: segments.count, bankRows: bank.count)
    var outcome = loss.ofGroup(
      rows, [own] + segments, closed: [closed.local] + closed.banked)
    if let banked, let rows = bank.rows(of: banked, direction), let kept = banked.sums[direction] {
      loss.addBank(
        rows, kept, line: bank.line, columns: own, closed: closed.ofBank, to: &outcome)
    }
    return outcome
  }

  /// The group's own columns by span: its positives or queries, then its negatives.
  private func ownBlocks(_ direction: LossDirection) -> [ColumnBlock] {
    let own = spans.indices.filter { spans[$0].age == 0 }
    let first = own.first.map { spans[$0].examples.lowerBound } ?? 0
    let rows = own.map { ColumnBlock(end: spans[$0].examples.upperBound - first, span: $0) }
    guard direction == .queries, !batch.owners.isEmpty else { return rows }
    return rows
      + rows.map { block in
        let before = batch.owners.firstIndex { $0 >= block.end } ?? batch.owners.count
        return ColumnBlock(end: batch.rows + before, span: block.span)
      }
  }
}

extension MemoryBank.Group {
  /// - Parameter widths: what the bank is to hold at each width.
  init(_ batch: TrainingBatch, widths: [BankedRows.Group]) {
    var next = batch.rows
    var rows: [Range<Int>] = []
    for row in 0..<batch.rows {
      let start = next
      while next < batch.columns.count, batch.owners[next - batch.rows] == row { next += 1 }
      rows.append(start..<next)
    }
    self.init(
      ids: batch.positives.enumerated().map { row, ids in
        BankedIDs(positives: ids, negatives: Array(batch.columns[rows[row]]))
      },
      negativeRows: rows, widths: widths)
  }
}

/// Keeping the bank fit for the next group.
extension ContrastiveObjective {
  /// Makes kept sums anew where the bank begins at a place for which none are kept: after groups of
  /// another size than usual. Costs as much as all scores of the bank with itself.
  func align(_ bank: inout MemoryBank, forGroupsOf size: Int) {
    if bank.count == 0 { bank.begin(groupsOf: size) }
    guard banksQueries, !bank.isAligned else { return }
    let grid = BankGrid(capacity: bank.capacity, grain: size, next: bank.end)
    let spans = grid.spans(bank: bank.examples, groupEnds: bank.groupEnds, adding: 0)
    let loss = SoftmaxLoss(
      scale: Float(1 / temperature), factor: 0, spans: spans, lines: grid.lines)
    let standing = bank.widths.map { banked in
      Dictionary(
        uniqueKeysWithValues: directions.compactMap { direction -> (LossDirection, Matrix)? in
          guard let rows = bank.rows(of: banked, direction), let kept = banked.sums[direction]
          else {
            return nil
          }
          let segments = bank.segments(of: banked, direction, spans: spans)
          let none = [[Int]](repeating: [], count: bank.count)
          let closed =
            masksFalseNegatives
            ? bank.closedColumns(direction, segments: segments.count)
            : segments.map { _ in none }
          let sums = loss.standing(rows, labels: kept.labels, segments, closed: closed)
          return (direction, sums)
        })
    }
    bank.realign(grid, standing: standing)
  }
}
