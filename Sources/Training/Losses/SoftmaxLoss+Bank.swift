import Foundation
import Tensors

/// The rows of the memory bank: they have no gradient, but push the group's columns.
extension SoftmaxLoss {
  /// Adds the losses of the bank's rows, and their part of the gradient of the group's columns.
  ///
  /// What a row has in the bank is known from `kept`: only the group's columns are new to it.
  ///
  /// - Parameters:
  ///   - rows: (count, d).
  ///   - kept: what is kept of them.
  ///   - line: the column of the kept sums for the place where the bank begins.
  ///   - columns: the group's own.
  ///   - closed: for each row, columns that take no part.
  func addBank(
    _ rows: Matrix, _ kept: RowSums, line: Int, columns: ColumnSegment, closed: [[Int]],
    to outcome: inout Outcome
  ) {
    outcome.later = Matrix(rows: rows.rows, columns: 2)
    let count = columns.columns.rows
    let ranges = scoreRowRanges(rows: rows.rows, columns: count, limit: rowsPerTask)
    // Each task has a gradient of its own: of many columns, only one at a time.
    let together = max(1, columnsInTasks / count)
    for first in stride(from: 0, to: ranges.count, by: together) {
      let tasks = Array(ranges[first..<min(first + together, ranges.count)])
      let parts = tasks.concurrentMap {
        settle(rows[rows: $0], $0, kept, line: line, columns, closed[$0])
      }
      for (range, part) in zip(tasks, parts) {
        outcome.loss += part.loss
        outcome.later.setRows(startingAt: range.lowerBound, to: part.later)
        outcome.columnGradient.add(part.columnGradient)
      }
    }
  }

  /// Some rows of the bank once the group's columns are added.
  private struct Settled: Sendable {
    var loss = 0.0
    /// (rows, 2): see ``RowSums/later``.
    var later: Matrix
    /// (rows, blocks): what brings exponentials to gradients.
    var factors: Matrix
    /// (columns, d): their part of it.
    var columnGradient: Matrix
  }

  private func settle(
    _ rows: Matrix, _ range: Range<Int>, _ kept: RowSums, line: Int, _ columns: ColumnSegment,
    _ closed: ArraySlice<[Int]>
  ) -> Settled {
    var scores = [columns].scores(of: rows, closed: [closed])
    let sums = exponentiate(&scores, [columns])[0]
    var result = Settled(
      later: Matrix(rows: range.count, columns: 2),
      factors: Matrix(rows: range.count, columns: columns.blocks.count),
      columnGradient: Matrix(rows: columns.columns.rows, columns: rows.columns))
    for (i, row) in range.enumerated() {
      let label = Double(scale) * Double(kept.labels[row, 0])
      // Relative to the label's logit, as all that is kept.
      let logits = columns.blocks.indices.map { Double(scale) * Double(sums.tops[i, $0]) - label }
      var sum = LogSum()
      sum.add(expOf: Double(kept.later[row, 0]) + Double(kept.later[row, 1]))
      for (b, logit) in logits.enumerated() {
        sum.add(Double(sums.sums[i, b]), timesExpOf: logit)
      }
      (result.later[i, 0], result.later[i, 1]) = twoFloats(sum.value)
      sum.add(expOf: Double(kept.standing[row, line]))
      let loss = sum.value
      result.loss += loss
      for (b, logit) in logits.enumerated() {
        result.factors[i, b] = Float(factor * exp(logit - loss))
      }
    }
    scores[0].scale(blocks: columns.ends, by: result.factors)
    addProduct(scores[0], rows, transposeA: true, to: &result.columnGradient)
    return result
  }

  /// Sums to be kept of the bank's rows for another grid, (count, lines): over all columns that are
  /// in the bank.
  ///
  /// - Parameters:
  ///   - rows: (count, d).
  ///   - labels: (count or more, 1): scores of the rows with their labels.
  ///   - segments, closed: as in ``ofGroup(_:_:closed:)``, of the bank alone.
  func standing(
    _ rows: Matrix, labels: Matrix, _ segments: [ColumnSegment], closed: [[[Int]]]
  ) -> Matrix {
    var standing = Matrix(rows: rows.rows, columns: lines)
    for range in scoreRowRanges(rows: rows.rows, columns: segments.columnCount) {
      var scores = segments.scores(of: rows[rows: range], closed: closed.map { $0[range] })
      let sums = exponentiate(&scores, segments)
      let found = Array(range).concurrentMap { row in
        total(
          sumsBySpan(sums, segments, row - range.lowerBound),
          relativeTo: Double(scale) * Double(labels[row, 0])
        ).standing
      }
      for (row, sums) in zip(range, found) { standing.setRow(row, to: sums) }
    }
    return standing
  }
}

/// A number as the sum of two floats, the second what the first leaves out.
private func twoFloats(_ value: Double) -> (Float, Float) {
  let high = Float(value)
  return (high, high.isFinite ? Float(value - Double(high)) : 0)
}

/// Rows of the bank that one thread settles at a time: few enough to stay in its cache until their
/// gradient is made.
private let rowsPerTask = 256

/// Columns of the gradients that the tasks under way hold together, at most: 6 MiB at width 384.
private let columnsInTasks = 4096
