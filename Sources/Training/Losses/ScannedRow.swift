import Foundation
import Tensors

/// What the softmax makes of one row.
struct ScannedRow: Sendable {
  /// −log of the label's share.
  var loss: Double
  /// The best score of another column than the label.
  var rival: Float
  /// For each segment and block, what brings exponentials to gradients.
  var factors: [[Float]]
  /// Element k − 1: the share of the bank's positives of k groups ago.
  var mass: [Double]
  /// log Σ exp over the columns from each line on, relative to the label's logit.
  var standing: [Float]
}

/// The label of a row of the group.
struct RowLabel: Sendable {
  /// The row's score with it.
  let score: Float
  /// Which of the spans it is of.
  let span: Int
}

extension SoftmaxLoss {
  /// Adds up the blocks of one row, and its label, whose column is closed.
  ///
  /// - Parameters:
  ///   - sums: for each segment what became of its blocks.
  ///   - row: the row of `sums`.
  func scan(
    _ sums: [BlockExponentials], _ segments: [ColumnSegment], _ row: Int, _ label: RowLabel
  ) -> ScannedRow {
    let logit = Double(scale) * Double(label.score)
    var bySpan = sumsBySpan(sums, segments, row)
    bySpan[label.span].add(expOf: logit)
    let (total, standing) = total(bySpan, relativeTo: logit)
    var result = ScannedRow(
      loss: total - logit, rival: -.infinity, factors: [],
      mass: Array(repeating: 0, count: spans.first?.age ?? 0), standing: standing)
    for (s, segment) in segments.enumerated() {
      result.factors.append(
        segment.blocks.enumerated().map { b, block in
          let top = sums[s].tops[row, b]
          result.rival = max(result.rival, top)
          let share = exp(Double(scale) * Double(top) - total)
          if s == 1 {  // the bank's positives
            result.mass[spans[block.span].age - 1] += share * Double(sums[s].sums[row, b])
          }
          return Float(factor * share)
        })
    }
    return result
  }

  /// The sums of a row's exponentials, span by span.
  func sumsBySpan(
    _ sums: [BlockExponentials], _ segments: [ColumnSegment], _ row: Int
  ) -> [LogSum] {
    var bySpan = [LogSum](repeating: LogSum(), count: spans.count)
    for (segment, sums) in zip(segments, sums) {
      for (b, block) in segment.blocks.enumerated() {
        bySpan[block.span].add(
          Double(sums.sums[row, b]), timesExpOf: Double(scale) * Double(sums.tops[row, b]))
      }
    }
    return bySpan
  }

  /// log Σ exp over all spans, and relative to `logit` over those from each line on.
  func total(_ bySpan: [LogSum], relativeTo logit: Double) -> (all: Double, standing: [Float]) {
    var standing = [Float](repeating: -.infinity, count: lines)
    var total = LogSum()
    for span in spans.indices.reversed() {
      total.add(bySpan[span])
      if lines > 0, let line = spans[span].line { standing[line] = Float(total.value - logit) }
    }
    return (total.value, standing)
  }
}
