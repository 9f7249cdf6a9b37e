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

/// The label of a row of the group, among the scores before they are exponentials.
struct LabelPlace: Sendable {
  let score: Float
  /// Its block of the first segment, and the best score of the block's other columns.
  let block: Int
  let rival: Float

  /// - Parameters:
  ///   - row: the row, and its label's column.
  ///   - range: the rows of `scores`.
  init(row: Int, _ range: Range<Int>, _ scores: Matrix, _ blocks: [ColumnBlock]) {
    let block = blocks.firstIndex { $0.end > row } ?? 0
    let start = (row - range.lowerBound) * scores.columns
    let (first, last) = (block > 0 ? blocks[block - 1].end : 0, blocks[block].end)
    self.block = block
    (score, rival) = scores.withSpan { all in
      var best = -Float.infinity
      for column in first..<last where column != row { best = max(best, all[start + column]) }
      return (all[start + row], best)
    }
  }
}

extension SoftmaxLoss {
  /// Adds up the blocks of one row.
  ///
  /// - Parameters:
  ///   - sums: for each segment what became of its blocks.
  ///   - row: the row of `sums`.
  func scan(
    _ sums: [BlockExponentials], _ segments: [ColumnSegment], _ row: Int, _ label: LabelPlace
  ) -> ScannedRow {
    let logit = Double(scale) * Double(label.score)
    let (total, standing) = total(sums, segments, row, relativeTo: logit)
    var result = ScannedRow(
      loss: total - logit, rival: label.rival, factors: [],
      mass: Array(repeating: 0, count: spans.first?.age ?? 0), standing: standing)
    for (s, segment) in segments.enumerated() {
      result.factors.append(
        segment.blocks.enumerated().map { b, block in
          let top = sums[s].tops[row, b]
          if s > 0 || b != label.block { result.rival = max(result.rival, top) }
          let share = exp(Double(scale) * Double(top) - total)
          if s == 1 { result.mass[spans[block.span].age - 1] += share * Double(sums[s].sums[row, b]) }
          return Float(factor * share)
        })
    }
    return result
  }

  /// log Σ exp over all blocks of a row, and over those from each line on, relative to `logit`.
  func total(
    _ sums: [BlockExponentials], _ segments: [ColumnSegment], _ row: Int, relativeTo logit: Double
  ) -> (all: Double, standing: [Float]) {
    var bySpan = [LogSum](repeating: LogSum(), count: spans.count)
    for (segment, sums) in zip(segments, sums) {
      for (b, block) in segment.blocks.enumerated() {
        bySpan[block.span].add(
          Double(sums.sums[row, b]), timesExpOf: Double(scale) * Double(sums.tops[row, b]))
      }
    }
    var standing = [Float](repeating: -.infinity, count: lines)
    var total = LogSum()
    for span in spans.indices.reversed() {
      total.add(bySpan[span])
      if lines > 0, let line = spans[span].line { standing[line] = Float(total.value - logit) }
    }
    return (total.value, standing)
  }
}
