import Foundation
import Tensors

/// Softmax cross-entropy of rows against columns, of which a group's own get gradients and those of
/// the memory bank do not (van den Oord et al. 2018; ContAccum, Kim et al. 2024, eq. 7 to 9).
///
///     S = R·Cᵀ / τ      L = Σᵢ −log softmax(Sᵢ)[labelᵢ]
///     dS = factor · (softmax(S) − onehot)      dR = dS·C      dC = dSᵀ·R
///
/// The label of the group's row i is the group's column i. Scores are in memory for a bounded block
/// of rows at a time.
struct SoftmaxLoss: Sendable {
  /// 1/τ; logits are `score / τ`.
  let scale: Float
  /// What gradients by scores are multiplied with, 1/τ included.
  let factor: Double
  /// What the blocks of all segments are of, oldest first.
  let spans: [ExampleSpan]
  /// Sums that are kept of each row for the bank; 0 for none.
  let lines: Int

  /// What the loss came to.
  struct Outcome: Sendable {
    /// Sum over rows, in nats.
    var loss = 0.0
    /// Rows of the group whose label scores above every other column.
    var correct = 0
    /// Element k − 1: the softmax mass on the bank's positives of k groups ago, summed over the
    /// rows of the group.
    var mass: [Double] = []
    /// (rows, d) and (columns, d): the gradients of the group's own.
    var rowGradient: Matrix, columnGradient: Matrix
    /// Scores of the group's rows with their labels.
    var labels: [Float] = []
    /// (rows, lines): for each row of the group log Σ exp over the columns from each line on,
    /// relative to its label's logit.
    var standing: Matrix
    /// (rows of the bank, 2): as ``RowSums/later``, with the group's columns.
    var later = Matrix(rows: 0, columns: 2)
  }

  /// The loss of the group's rows.
  ///
  /// - Parameters:
  ///   - rows: (rows, d).
  ///   - segments: the group's own columns, then those of the bank, positives first.
  ///   - closed: for each segment, for each row, columns that take no part.
  func ofGroup(_ rows: Matrix, _ segments: [ColumnSegment], closed: [[[Int]]]) -> Outcome {
    let columns = segments[0].columns
    var outcome = Outcome(
      rowGradient: Matrix(rows: rows.rows, columns: rows.columns),
      columnGradient: Matrix(rows: columns.rows, columns: columns.columns),
      standing: Matrix(rows: rows.rows, columns: lines))
    outcome.mass = Array(repeating: 0, count: spans.first?.age ?? 0)
    for range in scoreRowRanges(rows: rows.rows, columns: segments.columnCount) {
      let part = rows[rows: range]
      var scores = segments.scores(of: part, closed: closed.map { $0[range] })
      let labels = takeLabels(from: &scores[0], range, segments[0].blocks)
      let sums = exponentiate(&scores, segments)
      let found = Array(labels.indices).concurrentMap { scan(sums, segments, $0, labels[$0]) }
      outcome.add(found, labels, at: range.lowerBound)
      differentiate(&scores, segments, found, first: range.lowerBound)
      outcome.rowGradient.setRows(startingAt: range.lowerBound, to: products(scores, segments))
      addProduct(scores[0], part, transposeA: true, to: &outcome.columnGradient)
    }
    return outcome
  }

  /// Reads the labels of rows `range` and closes their columns: labels are added up by themselves,
  /// so that the rest of a row are its rivals.
  private func takeLabels(
    from scores: inout Matrix, _ range: Range<Int>, _ blocks: [ColumnBlock]
  ) -> [RowLabel] {
    var block = 0
    return range.map { row in
      while blocks[block].end <= row { block += 1 }
      let score = scores[row - range.lowerBound, row]
      scores[row - range.lowerBound, row] = -.infinity
      return RowLabel(score: score, span: blocks[block].span)
    }
  }

  /// Turns scores into exponentials, block by block.
  func exponentiate(_ scores: inout [Matrix], _ segments: [ColumnSegment]) -> [BlockExponentials] {
    segments.indices.map { scores[$0].exponentiate(blocks: segments[$0].ends, scale: scale) }
  }

  /// Turns exponentials into gradients.
  private func differentiate(
    _ scores: inout [Matrix], _ segments: [ColumnSegment], _ rows: [ScannedRow], first: Int
  ) {
    for (s, segment) in segments.enumerated() {
      let factors = Matrix(
        rows: rows.count, columns: segment.blocks.count, elements: rows.flatMap { $0.factors[s] })
      scores[s].scale(blocks: segment.ends, by: factors)
    }
    // softmax − 1 without the loss of digits where the softmax is almost 1.
    for (i, row) in rows.enumerated() { scores[0][i, first + i] = Float(factor * expm1(-row.loss)) }
  }

  /// dR = dS·C over all segments.
  private func products(_ scores: [Matrix], _ segments: [ColumnSegment]) -> Matrix {
    var sum = product(scores[0], segments[0].columns)
    for (scores, segment) in zip(scores, segments).dropFirst() {
      addProduct(scores, segment.columns, to: &sum)
    }
    return sum
  }
}

extension SoftmaxLoss.Outcome {
  /// Adds rows of the group, from row `first` on.
  fileprivate mutating func add(
    _ rows: [ScannedRow], _ labels: [RowLabel], at first: Int
  ) {
    for (i, (row, label)) in zip(rows, labels).enumerated() {
      loss += row.loss
      correct += label.score > row.rival ? 1 : 0
      for (k, share) in row.mass.enumerated() { mass[k] += share }
      standing.setRow(first + i, to: row.standing)
      self.labels.append(label.score)
    }
  }
}
