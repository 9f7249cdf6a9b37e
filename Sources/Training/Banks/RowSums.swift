import Tensors

/// What is kept of a softmax for the rows of the bank, so that their sums of exponentials over the
/// bank's columns need not be made again.
///
/// A row meets two kinds of columns: those that were there when it came, its own group's included,
/// which leave from the oldest on; and those that came later, which stay as long as it does. Of the
/// first a sum is kept from each place on at which the bank may begin, of the second one running
/// sum. All are logs, relative to the row's logit with its own label.
struct RowSums: Sendable {
  /// (capacity, 1): each row's score with its label.
  private(set) var labels: Matrix
  /// (capacity, lines): over the columns that were there, from the example at a line of the grid on.
  private(set) var standing: Matrix
  /// (capacity, 2): over the columns that came later, in two floats whose sum it is.
  private(set) var later: Matrix

  init(capacity: Int, lines: Int) {
    labels = Matrix(rows: capacity, columns: 1)
    standing = Matrix(rows: capacity, columns: lines)
    later = Matrix(rows: capacity, columns: 2)
  }

  /// The same sums of the first rows, as they were written.
  init(labels: Matrix, standing: Matrix, later: Matrix, capacity: Int) {
    self.init(capacity: capacity, lines: standing.columns)
    self.labels.setRows(startingAt: 0, to: labels)
    self.standing.setRows(startingAt: 0, to: standing)
    self.later.setRows(startingAt: 0, to: later)
  }

  /// What a group adds: sums for its own rows, and for those before it the later ones anew.
  struct Group: Sendable {
    /// The rows' scores with their labels.
    let labels: [Float]
    /// (rows, lines).
    let standing: Matrix
    /// (rows of the bank, 2).
    let later: Matrix
  }

  /// Takes over the later sums of the rows that were there.
  mutating func update(_ group: Group) { later.setRows(startingAt: 0, to: group.later) }

  /// Puts rows `range` of the group at `slot` and the slots after it.
  mutating func put(_ group: Group, rows range: Range<Int>, at slot: Int) {
    let labels = Matrix(rows: range.count, columns: 1, elements: Array(group.labels[range]))
    self.labels.setRows(startingAt: slot, to: labels)
    standing.setRows(startingAt: slot, to: group.standing[rows: range])
    for row in slot..<slot + range.count { later.setRow(row, to: [-.infinity, 0]) }
  }

  /// Takes over sums for another grid, which hold the columns that came later as well.
  mutating func replace(standing: Matrix, capacity: Int) {
    self = RowSums(
      labels: labels[rows: 0..<standing.rows], standing: standing,
      later: .concatenatingRows(
        [Matrix](repeating: Matrix([[-.infinity, 0]]), count: standing.rows)),
      capacity: capacity)
  }
}
