internal import Tensors

/// How a refresh chooses the passages that it encodes anew.
public enum SamplingDesign: String, Sendable, Codable, CaseIterable {
  /// Every passage has the same chance.
  case simple
  /// From each cluster of the stored vectors about as large a share, and two passages at least: no
  /// kind of passage is missed, and where passages of a kind are corrected alike, the figures of
  /// such a sample vary less. The intervals are computed as for a simple sample.
  case stratified
}

/// Rows in the order in which samples take them. A sample is the beginning of it: a larger one
/// holds every smaller one, and what was encoded for these is not encoded again.
struct SampleOrder: Equatable {
  let rows: [Int]

  /// The first so many rows, ascending.
  func sample(_ count: Int) -> [Int] { rows.prefix(count).sorted() }

  /// Simple random sampling without replacement; the same for the same seed.
  init(simple rows: [Int], seed: UInt64) {
    var random = RandomStream(seed: seed, stream: SamplingUse.simple)
    self.rows = Self.shuffled(rows, &random)
  }

  /// Strata in proportion to their sizes, each in random order.
  ///
  /// Each stratum gives two rows first, or the one it has; then the next row always comes from the
  /// stratum with the greatest `size / (2 · taken + 1)`. This is the method of Webster and
  /// Sainte-Laguë: wherever every stratum's proportional part is a whole number of at least two,
  /// the beginning of that length holds exactly these parts.
  init(strata: [[Int]], seed: UInt64) {
    var random = RandomStream(seed: seed, stream: SamplingUse.strata)
    let strata = strata.filter { !$0.isEmpty }.map { Self.shuffled($0, &random) }
    var taken = [Int](repeating: 0, count: strata.count)
    var order: [Int] = []
    func take(_ stratum: Int) {
      order.append(strata[stratum][taken[stratum]])
      taken[stratum] += 1
    }
    for round in 0..<2 {
      for stratum in strata.indices where strata[stratum].count > round { take(stratum) }
    }
    let total = strata.reduce(0) { $0 + $1.count }
    while order.count < total {
      var next = 0, greatest = 0.0
      for (stratum, rows) in strata.enumerated() where taken[stratum] < rows.count {
        let claim = Double(rows.count) / Double(2 * taken[stratum] + 1)
        if claim > greatest { (next, greatest) = (stratum, claim) }
      }
      take(next)
    }
    rows = order
  }

  /// Fisher and Yates, from the front: the first rows do not depend on how many are wanted.
  private static func shuffled(_ rows: [Int], _ random: inout RandomStream) -> [Int] {
    var pool = rows
    for i in pool.indices.dropLast() {
      pool.swapAt(i, Int.random(in: i..<pool.count, using: &random))
    }
    return pool
  }
}

/// Which stream of the seed each use of randomness draws from.
enum SamplingUse {
  static let simple: UInt64 = 0x5A3F
  static let strata: UInt64 = 0x5A40
  static let clusters: UInt64 = 0x5A41
}
