/// A linear score of two signs, fitted by least squares to the errors.
struct LinearScore: Sendable, Codable, Equatable {
  private let constant: Double, moved: Double, strangeness: Double

  init(fitting errors: [Double], to signs: [ErrorSigns]) {
    let (m, s, e) = (mean(signs.map(\.moved)), mean(signs.map(\.strangeness)), mean(errors))
    var (mm, ms, ss, me, se) = (0.0, 0.0, 0.0, 0.0, 0.0)
    for (sign, error) in zip(signs, errors) {
      let (x, y, z) = (sign.moved - m, sign.strangeness - s, error - e)
      mm += x * x; ms += x * y; ss += y * y; me += x * z; se += y * z
    }
    // A trace of ridge per sign keeps a sign that never varies at slope 0.
    mm += 1e-6 * mm + 1e-12
    ss += 1e-6 * ss + 1e-12
    let determinant = mm * ss - ms * ms
    moved = (me * ss - se * ms) / determinant
    strangeness = (se * mm - me * ms) / determinant
    constant = e - moved * m - strangeness * s
  }

  func value(_ signs: ErrorSigns) -> Double {
    constant + moved * signs.moved + strangeness * signs.strangeness
  }
}

/// A non-decreasing, piecewise linear curve from score to error, constant beyond its ends.
struct MonotoneCurve: Sendable, Codable, Equatable {
  private(set) var scores: [Double] = []
  private(set) var errors: [Double] = []

  /// Isotonic regression (pool adjacent violators, Ayer et al. 1955) of the mean errors of bins of
  /// about 15 rows: single rows would make the ends follow noise.
  init(fitting errors: [Double], to scores: [Double]) {
    let order = scores.indices.sorted { (scores[$0], errors[$0]) < (scores[$1], errors[$1]) }
    let bins = max(1, min(20, order.count / 15))
    var pools: [Pool] = []
    for bin in 0..<bins {
      let rows = order[order.count * bin / bins..<order.count * (bin + 1) / bins]
      var pool = Pool(
        scores: rows.reduce(0) { $0 + scores[$1] }, errors: rows.reduce(0) { $0 + errors[$1] },
        count: Double(rows.count))
      while let last = pools.last, last.meanError >= pool.meanError {
        pool.absorb(last)
        pools.removeLast()
      }
      pools.append(pool)
    }
    self.scores = pools.map(\.meanScore)
    self.errors = pools.map(\.meanError)
  }

  private struct Pool {
    var scores: Double, errors: Double, count: Double
    var meanScore: Double { scores / max(count, 1) }
    var meanError: Double { errors / max(count, 1) }

    mutating func absorb(_ other: Pool) {
      scores += other.scores
      errors += other.errors
      count += other.count
    }
  }

  func value(at score: Double) -> Double {
    guard let after = scores.firstIndex(where: { $0 > score }) else { return errors.last ?? 0 }
    guard after > 0 else { return errors[0] }
    let share = (score - scores[after - 1]) / (scores[after] - scores[after - 1])
    return errors[after - 1] + share * (errors[after] - errors[after - 1])
  }
}

/// The mean; 0 for no values.
func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(max(values.count, 1)) }

/// Spearman's rank correlation; equal values share their mean rank. 0 when either never varies.
func spearman(_ a: [Double], _ b: [Double]) -> Double {
  let (x, y) = (ranks(a), ranks(b))
  let (mx, my) = (mean(x), mean(y))
  var (xy, xx, yy) = (0.0, 0.0, 0.0)
  for (p, q) in zip(x, y) {
    xy += (p - mx) * (q - my)
    xx += (p - mx) * (p - mx)
    yy += (q - my) * (q - my)
  }
  return xx > 0 && yy > 0 ? xy / (xx * yy).squareRoot() : 0
}

private func ranks(_ values: [Double]) -> [Double] {
  let order = values.indices.sorted { values[$0] < values[$1] }
  var result = [Double](repeating: 0, count: values.count)
  var start = 0
  while start < order.count {
    var end = start + 1
    while end < order.count, values[order[end]] == values[order[start]] { end += 1 }
    for i in start..<end { result[order[i]] = Double(start + end - 1) / 2 }
    start = end
  }
  return result
}
