import Tensors

/// The embeddings of the bank at one width, slot by slot, and the sums kept for them.
struct BankedRows: Sendable {
  /// Leading dimensions, nil for whole embeddings.
  let dimensions: Int?
  /// (capacity, d), or nil when the bank holds passages only.
  private(set) var queries: Matrix?
  /// (capacity, d).
  private(set) var positives: Matrix
  /// (capacity · negatives per slot, d): the negatives of a slot side by side; zero where it has
  /// fewer.
  private(set) var negatives: Matrix
  /// For each direction of the loss; none when the bank holds passages only.
  var sums: [LossDirection: RowSums] = [:]

  /// Embeddings of a group, and what the loss kept of its rows.
  struct Group: Sendable {
    let dimensions: Int?
    /// (rows, d), or nil to hold passages only.
    let queries: Matrix?
    /// (columns, d): positives of the rows, then negatives.
    let columns: Matrix
    let sums: [LossDirection: RowSums.Group]
  }

  /// Room for embeddings like those of `group`, and for what is kept of them.
  init(_ group: Group, capacity: Int, negativesPerSlot: Int) {
    let width = group.columns.columns
    dimensions = group.dimensions
    queries = group.queries.map { _ in Matrix(rows: capacity, columns: width) }
    positives = Matrix(rows: capacity, columns: width)
    negatives = Matrix(rows: capacity * negativesPerSlot, columns: width)
    sums = group.sums.mapValues { RowSums(capacity: capacity, lines: $0.standing.columns) }
  }

  /// Rows as they were written, those of the first slots.
  init(
    dimensions: Int?, queries: Matrix?, positives: Matrix, negatives: Matrix,
    sums: [LossDirection: RowSums], capacity: Int
  ) {
    func room(_ rows: Matrix, per slot: Int) -> Matrix {
      var all = Matrix(rows: capacity * slot, columns: rows.columns)
      all.setRows(startingAt: 0, to: rows)
      return all
    }
    self.dimensions = dimensions
    self.queries = queries.map { room($0, per: 1) }
    self.positives = room(positives, per: 1)
    self.negatives = room(negatives, per: negatives.rows / max(positives.rows, 1))
    self.sums = sums
  }

  /// Makes room for more negatives in each slot.
  mutating func widenSlots(from before: Int, to after: Int, capacity: Int) {
    var wider = Matrix(rows: capacity * after, columns: negatives.columns)
    for slot in 0..<(before > 0 ? capacity : 0) {
      let rows = negatives[rows: slot * before..<(slot + 1) * before]
      wider.setRows(startingAt: slot * after, to: rows)
    }
    negatives = wider
  }

  /// Puts examples `range` of the group at `slot` and the slots after it.
  ///
  /// - Parameter negativeRows: for each example of the group, the rows of its negatives in the
  ///   group's columns.
  mutating func put(
    _ group: Group, examples range: Range<Int>, at slot: Int, negativeRows: [Range<Int>],
    negativesPerSlot: Int
  ) {
    precondition(
      group.dimensions == dimensions && group.columns.columns == positives.columns
        && (group.queries == nil) == (queries == nil),
      "a bank of one objective used by another")
    if let rows = group.queries { queries?.setRows(startingAt: slot, to: rows[rows: range]) }
    positives.setRows(startingAt: slot, to: group.columns[rows: range])
    var kept = Matrix(rows: range.count * negativesPerSlot, columns: negatives.columns)
    for (i, example) in range.enumerated() {
      kept.setRows(startingAt: i * negativesPerSlot, to: group.columns[rows: negativeRows[example]])
    }
    negatives.setRows(startingAt: slot * negativesPerSlot, to: kept)
    for (direction, added) in group.sums { sums[direction]?.put(added, rows: range, at: slot) }
  }
}
