/// A learned number per head and distance, added to the scaled attention scores (Shaw et al. 2018
/// as simplified by T5, section 2.1; MPNet uses it).
///
/// The score of a query at place i and a key at place j of one sequence, in head h, gains
/// `table[h, j − i + reach]`. How distances share parameters (buckets) is the caller's to expand.
public struct RelativeBias: Sendable {
  /// `(heads, 2 · reach + 1)`: column `reach` is distance 0.
  public let table: Matrix
  /// The largest distance the table holds; sequences have at most `reach + 1` tokens.
  public var reach: Int { table.columns / 2 }

  /// Traps when the number of columns is even.
  public init(table: Matrix) {
    precondition(
      table.columns % 2 == 1, "a bias of \(table.columns) columns, not of 2 · reach + 1")
    self.table = table
  }

  /// Traps unless the table serves `heads` heads and every one of `sequences`.
  func check(heads: Int, sequences: [Range<Int>]) {
    precondition(table.rows == heads, "a bias of \(table.rows) heads to \(heads)")
    let longest = sequences.lazy.map(\.count).max() ?? 0
    precondition(longest <= reach + 1, "a bias up to distance \(reach) for \(longest) tokens")
  }
}
