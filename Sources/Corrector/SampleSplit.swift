internal import Tensors

/// Which pairs are learnt from, which steer the learning, and which only judge.
///
/// The order and the parts follow from the seed and the vectors' contents alone, so that neither
/// depends on the order in which pairs are given; pairs with equal stale vectors (duplicate
/// passages) always fall into the same part, so that none is judged on what was learnt.
struct SampleSplit: Sendable {
  /// Rows of the pairs, in an order drawn by the seed.
  let train: [Int], validation: [Int], heldOut: [Int]

  /// Fewest pairs that are accepted, and fewest that each purpose needs.
  static let minimumPairs = 20
  static let minimumFit = 10
  static let minimumHeldOut = 5

  init(_ pairs: CorrectionPairs, options: FitOptions) throws(CorrectorError) {
    let n = pairs.stale.rows
    guard n >= SampleSplit.minimumPairs else {
      throw CorrectorError(
        .tooFewPairs,
        "\(n) pairs of stale and fresh vectors; at least \(SampleSplit.minimumPairs) are needed: "
          + "re-encode a larger sample")
    }
    let staleKeys = contentKeys(pairs.stale, seed: options.seed)
    let freshKeys = contentKeys(pairs.fresh, seed: options.seed)
    let order = (0..<n).sorted {
      (staleKeys[$0], freshKeys[$0]) < (staleKeys[$1], freshKeys[$1])
    }
    let keys = order.map { staleKeys[$0] }
    let heldWanted = Int((Double(n) * options.heldOutShare).rounded())
    let held = boundary(near: max(heldWanted, SampleSplit.minimumHeldOut), keys)
    let fit = n - held
    let checkedWanted = Int((Double(fit) * options.validationShare).rounded())
    let checked = boundary(near: held + max(checkedWanted, 1), keys)
    guard fit >= SampleSplit.minimumFit, checked < n else {
      throw CorrectorError(
        .tooFewPairs,
        "\(n) pairs leave \(fit) to fit once \(held) are held out (\(Set(keys).count) differ): "
          + "re-encode a larger sample, or hold out less")
    }
    heldOut = Array(order[..<held])
    validation = Array(order[held..<checked])
    train = Array(order[checked...])
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
