/// What a compaction will do: which rows go, and which generations stay.
///
/// Rows are numbered anew without gaps: a row that stays moves down by the number of rows below it
/// that go. That holds for rows given out later too, so a plan stays right while passages are
/// added, changed and deleted.
public struct CompactionPlan: Sendable, Equatable {
  /// The tombstones that go, ascending.
  public let removed: [Int]
  /// The active generation, then the one a rollback goes to. Others are given up.
  public let kept: [GenerationRecord]
  /// `Store.compactionCount()` when this was planned.
  let compactions: Int

  /// The number a row will have; nil when it goes. O(log n).
  public func newRow(of row: Int) -> Int? {
    let below = removedRows(below: row)
    return below < removed.count && removed[below] == row ? nil : row - below
  }

  /// The rows that stay of a vector file of so many.
  public func newCount(of rows: Int) -> Int { rows - removedRows(below: rows) }

  /// How many rows below `row` go.
  private func removedRows(below row: Int) -> Int {
    var (low, high) = (0, removed.count)
    while low < high {
      let middle = (low + high) / 2
      if removed[middle] < row { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

/// A kept generation, written anew under another number.
public struct CompactedGeneration: Sendable, Equatable {
  /// The generation it stands for, and its own number, as `beginGeneration` gave it.
  public var old: Int, new: Int
  /// Rows and SHA-256 of its vector file.
  public var rowCount: Int, vectorsSHA256: String

  /// Names a replacement.
  public init(old: Int, new: Int, rowCount: Int, vectorsSHA256: String) {
    (self.old, self.new) = (old, new)
    (self.rowCount, self.vectorsSHA256) = (rowCount, vectorsSHA256)
  }
}
