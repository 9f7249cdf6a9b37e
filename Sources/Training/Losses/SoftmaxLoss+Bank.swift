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
    for range in scoreRowRanges(rows: rows.rows, columns: columns.columns.rows) {
      let part = rows[rows: range]
      var scores = [columns].scores(of: part, closed: [closed[range]])
      let sums = exponentiate(&scores, [columns])[0]
      let starts = Array(stride(from: range.lowerBound, to: range.upperBound, by: rowsPerTask))
      let found = starts.concurrentMap { start in
        let rows = start..<min(start + rowsPerTask, range.upperBound)
        return settle(rows, kept, line: line, sums, first: range.lowerBound)
      }
      for (start, part) in zip(starts, found) {
        outcome.loss += part.loss
        outcome.later.setRows(startingAt: start, to: part.later)
      }
      scores[0].scale(blocks: columns.ends, by: .concatenatingRows(found.map(\.factors)))
      addProduct(scores[0], part, transposeA: true, to: &outcome.columnGradient)
    }
  }

  /// Some rows of the bank once the group's columns are added.
  private struct Settled: Sendable {
    var loss = 0.0
    /// (rows, blocks): what brings exponentials to gradients.
    var factors: Matrix
    /// (rows, 2).
    var later: Matrix
  }

  private func settle(
    _ rows: Range<Int>, _ kept: RowSums, line: Int, _ sums: BlockExponentials, first: Int
  ) -> Settled {
    var result = Settled(
      factors: Matrix(rows: rows.count, columns: sums.tops.columns),
      later: Matrix(rows: rows.count, columns: 2))
    for (i, row) in rows.enumerated() {
      let label = Double(scale) * Double(kept.labels[row, 0])
      var later = LogSum()
      later.add(expOf: Double(kept.later[row, 0]) + Double(kept.later[row, 1]))
      for block in 0..<sums.tops.columns {
        later.add(
          Double(sums.sums[row - first, block]),
          timesExpOf: Double(scale) * Double(sums.tops[row - first, block]) - label)
      }
      (result.later[i, 0], result.later[i, 1]) = twoFloats(later.value)
      later.add(expOf: Double(kept.standing[row, line]))
      let loss = later.value
      result.loss += loss
      for block in 0..<sums.tops.columns {
        let top = Double(scale) * Double(sums.tops[row - first, block]) - label
        result.factors[i, block] = Float(factor * exp(top - loss))
      }
    }
    return result
  }

  /// Sums to be kept of the bank's rows over the bank's columns, (count, lines): those of all columns
  /// there are, for another grid.
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
          sums, segments, row - range.lowerBound,
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

/// Rows of the bank that one thread settles at a time: fixed, so that sums of losses do not depend
/// on the number of threads.
private let rowsPerTask = 512
