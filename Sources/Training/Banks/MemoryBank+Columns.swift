import Tensors

/// The bank as the columns and rows of a softmax.
extension MemoryBank {
  /// The columns that a row of the given direction meets in the bank: positives, then negatives; or
  /// queries.
  ///
  /// - Parameter spans: as ``spans(adding:)`` gives them.
  func segments(
    of rows: BankedRows, _ direction: LossDirection, spans: [ExampleSpan]
  ) -> [ColumnSegment] {
    guard count > 0 else { return [] }
    switch direction {
    case .queries:
      let positives = segment(rows.positives, perSlot: 1, spans)
      guard negativesPerSlot > 0 else { return [positives] }
      var negatives = segment(rows.negatives, perSlot: negativesPerSlot, spans)
      negatives.vacant = vacantNegatives
      return [positives, negatives]
    case .passages:
      guard let queries = rows.queries else { preconditionFailure("the bank holds passages only") }
      return [segment(queries, perSlot: 1, spans)]
    }
  }

  /// The rows of the given direction, (count, d); nil when the bank holds passages only.
  func rows(of rows: BankedRows, _ direction: LossDirection) -> Matrix? {
    guard let queries = rows.queries, count > 0 else { return nil }
    return (direction == .queries ? queries : rows.positives)[rows: 0..<count]
  }

  private func segment(_ ring: Matrix, perSlot: Int, _ spans: [ExampleSpan]) -> ColumnSegment {
    let banked = spans.indices.prefix { spans[$0].age > 0 }
    // The ring holds the newer ones first once it has begun anew.
    let wrap = banked.first { spans[$0].examples.lowerBound % capacity == 0 } ?? banked.startIndex
    let order = Array(banked[wrap...]) + Array(banked[..<wrap])
    let blocks = order.map {
      let last = (spans[$0].examples.upperBound - 1) % capacity
      return ColumnBlock(end: (last + 1) * perSlot, span: $0)
    }
    return ColumnSegment(columns: ring[rows: 0..<count * perSlot], blocks: blocks)
  }

  /// Columns of the negatives' segment where a slot has fewer than it has room for.
  private var vacantNegatives: [Int] {
    var vacant: [Int] = []
    for slot in 0..<count where negativeCounts[slot] < negativesPerSlot {
      let start = slot * negativesPerSlot
      vacant += start + negativeCounts[slot]..<start + negativesPerSlot
    }
    return vacant
  }
}
