import Tensors

/// Draws negatives of which each is as likely as any other, positives and their duplicates left out.
struct UniformSampler: Sendable {
  /// k.
  let count: Int
  let seed: UInt64

  /// k different rows below `passages`, or all that are allowed when there are fewer.
  func draw(for query: NegativeQuery, passages: Int, step: Int) -> [Int] {
    let allowed = passages - query.masked.count
    let wanted = min(count, allowed)
    var random = RandomUse.sampling(seed: seed, step: step, pair: query.pair)
    guard wanted * 2 <= allowed else {
      var rows = (0..<passages).filter { !query.masked.contains($0) }
      random.draw(wanted, of: &rows)
      return Array(rows.prefix(wanted))
    }
    // At every attempt at least half of those allowed are still to be had.
    var taken = query.masked
    var rows: [Int] = []
    while rows.count < wanted {
      let row = random.index(below: passages)
      if taken.insert(row).inserted { rows.append(row) }
    }
    return rows
  }
}
