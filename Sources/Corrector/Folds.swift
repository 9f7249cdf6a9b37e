internal import Tensors

/// The parts of the pairs for cross-fitting: what a part's rows are judged on is fitted to the
/// other parts.
///
/// The order and the parts follow from the seed and the vectors' contents alone, so that neither
/// depends on the order in which pairs are given; pairs with equal stale vectors (duplicate
/// passages) always fall into the same part, so that none is judged on what was learnt.
struct Folds: Sendable {
  /// Rows of the pairs, in an order drawn by the seed.
  let order: [Int]
  /// Where each part lies in `order`; none is empty.
  let parts: [Range<Int>]

  /// Fewest pairs that are accepted, and fewest that are fitted to.
  static let minimumPairs = 20
  static let minimumFit = 10

  init(_ pairs: CorrectionPairs, options: FitOptions) throws(CorrectorError) {
    let n = pairs.stale.rows
    guard n >= Folds.minimumPairs else {
      throw CorrectorError(
        .tooFewPairs,
        "\(n) pairs of stale and fresh vectors; at least \(Folds.minimumPairs) are needed: "
          + "re-encode a larger sample")
    }
    let staleKeys = contentKeys(pairs.stale, seed: options.seed)
    let freshKeys = contentKeys(pairs.fresh, seed: options.seed)
    order = (0..<n).sorted {
      (staleKeys[$0], freshKeys[$0]) < (staleKeys[$1], freshKeys[$1])
    }
    let keys = order.map { staleKeys[$0] }
    let ends = (0...options.folds).map { boundary(near: n * $0 / options.folds, keys) }
    parts = zip(ends, ends.dropFirst()).map { $0..<$1 }.filter { !$0.isEmpty }
    let fewest = n - (parts.map(\.count).max() ?? n)
    guard fewest >= Folds.minimumFit, parts.count >= 3 else {
      throw CorrectorError(
        .tooFewPairs,
        "\(n) pairs leave \(fewest) to fit once a part is held out (\(Set(keys).count) differ): "
          + "re-encode a larger sample")
    }
  }

  /// Positions in `order` of the rows that are in none of these parts.
  func positions(outside left: Set<Int>) -> [Int] {
    parts.indices.filter { !left.contains($0) }.flatMap { Array(parts[$0]) }
  }
}

/// The first position at or after `start` where the key changes (or the end).
private func boundary(near start: Int, _ keys: [UInt64]) -> Int {
  var position = min(start, keys.count)
  while position > 0, position < keys.count, keys[position] == keys[position - 1] { position += 1 }
  return position
}

/// A 64-bit key of each row's bits under the seed (SplitMix64's mixing, Steele et al. 2014).
private func contentKeys(_ rows: Matrix, seed: UInt64) -> [UInt64] {
  let width = rows.columns
  return rows.withSpan { span in
    (0..<rows.rows).map { row in
      var key = mixed(seed &+ 0x9E37_79B9_7F4A_7C15)
      for j in row * width..<(row + 1) * width { key = mixed(key ^ UInt64(span[j].bitPattern)) }
      return key
    }
  }
}

private func mixed(_ value: UInt64) -> UInt64 {
  var z = value &+ 0x9E37_79B9_7F4A_7C15
  z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
  z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
  return z ^ (z >> 31)
}
