import Foundation
import Tensors

/// The noise on one query's scores: a standard Gumbel draw for every passage, which depends on the
/// seed, the step, the pair and the passage's row alone.
///
/// The k rows with the largest sums of score and noise are k draws without replacement from the
/// softmax of the scores (Gumbel-max; Kool et al. 2019 for more than one).
struct GumbelNoise {
  private let seed: UInt64
  private let step: Int, pair: Int
  private var stream: RandomStream
  private var next = 0

  init(seed: UInt64, step: Int, pair: Int) {
    (self.seed, self.step, self.pair) = (seed, step, pair)
    stream = RandomUse.gumbel(seed: seed, step: step, pair: pair, row: 0)
  }

  /// The uniform number behind the noise of a row; consecutive rows are the fastest.
  mutating func uniform(at row: Int) -> Double {
    if row != next {
      stream = RandomUse.gumbel(seed: seed, step: step, pair: pair, row: row & ~1)
      if row & 1 == 1 { _ = stream.uniform() }
    }
    next = row + 1
    return stream.uniform()
  }

  /// The noise that a uniform number u in [0, 1) makes: `−log(−log u)`.
  static func noise(_ uniform: Double) -> Double { -log(-log(max(uniform, 0x1p-53))) }

  /// A number that the noise of u is never above, without logarithms.
  ///
  /// `−log u ≥ 1 − u ≥ 2^e`, e being the exponent of `1 − u`; so the noise is at most `−e · log 2`.
  static func bound(_ uniform: Double) -> Double {
    let exponent = Int((1 - uniform).bitPattern >> 52) - 1023
    return -Double(exponent) * 0.693_147_180_559_945_4
  }
}

/// The rows with the largest perturbed scores of those offered, the largest first.
struct PerturbedTop {
  private let count: Int
  private let masked: Set<Int>
  /// Scores above this are not taken.
  private let ceiling: Double
  private var noise: GumbelNoise
  private var keys: [Double] = []
  private(set) var rows: [Int] = []

  init(_ count: Int, masked: Set<Int>, ceiling: Double = .infinity, noise: GumbelNoise) {
    (self.count, self.masked, self.ceiling, self.noise) = (count, masked, ceiling, noise)
  }

  /// Offers a row; each at most once, in ascending order.
  mutating func offer(_ row: Int, logit: Double) {
    let uniform = noise.uniform(at: row)
    if keys.count == count, logit + GumbelNoise.bound(uniform) <= keys[count - 1] { return }
    let key = logit + GumbelNoise.noise(uniform)
    if keys.count == count, key <= keys[count - 1] { return }
    guard logit <= ceiling, !masked.contains(row) else { return }
    let place = keys.firstIndex { $0 < key } ?? keys.count
    keys.insert(key, at: place)
    rows.insert(row, at: place)
    if keys.count > count {
      keys.removeLast()
      rows.removeLast()
    }
  }
}
