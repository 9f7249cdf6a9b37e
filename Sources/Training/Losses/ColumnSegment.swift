import Tensors

/// Columns of a softmax that are one matrix: those of a group, or of one ring of the bank.
struct ColumnSegment: Sendable {
  /// (columns, d).
  let columns: Matrix
  /// The columns in blocks, each within the examples of one span, in ascending order.
  let blocks: [ColumnBlock]
  /// Columns that hold nothing.
  var vacant: [Int] = []

  /// Columns before which the blocks end.
  var ends: [Int] { blocks.map(\.end) }
}

/// Consecutive columns whose exponentials are added up by themselves.
struct ColumnBlock: Sendable, Equatable {
  /// The column it ends before; it begins where the one before it ends.
  let end: Int
  /// Which of the spans its examples are of.
  let span: Int
}

extension [ColumnSegment] {
  /// Columns of all segments.
  var columnCount: Int { reduce(0) { $0 + $1.columns.rows } }

  /// The scores of `rows` against each segment, minus infinity where they are closed.
  ///
  /// - Parameter closed: for each segment, for each row, columns that take no part in it.
  func scores(of rows: Matrix, closed: [ArraySlice<[Int]>]) -> [Matrix] {
    zip(self, closed).map { segment, closed in
      var scores = product(rows, segment.columns, transposeB: true)
      let width = scores.columns
      scores.withMutableSpan { span in
        for (row, columns) in closed.enumerated() {
          for column in columns { span[row * width + column] = -.infinity }
          for column in segment.vacant { span[row * width + column] = -.infinity }
        }
      }
      return scores
    }
  }
}

/// Ranges of rows whose scores against `columns` columns are in memory together: 32 MiB at most,
/// or one row. They depend on the arguments only.
///
/// - Parameter limit: rows of a range at most.
func scoreRowRanges(rows: Int, columns: Int, limit: Int = .max) -> [Range<Int>] {
  let height = min(limit, max(1, (1 << 23) / max(columns, 1)))
  return stride(from: 0, to: rows, by: height).map { $0..<min($0 + height, rows) }
}
