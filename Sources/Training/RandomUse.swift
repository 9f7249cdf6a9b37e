import Tensors

/// The streams of the seed: which numbers a use of randomness draws, so that none disturbs another.
///
/// Dropout has its own keys; see ``Dropout/key(seed:step:item:)``.
enum RandomUse {
  /// The order of the pairs in an epoch.
  static func shuffle(seed: UInt64, epoch: Int) -> RandomStream {
    RandomStream(seed: seed, stream: 1 << 56 | UInt64(epoch))
  }

  /// The negatives of one pair at one step. A pair has 2^24 draws of its own.
  static func negatives(seed: UInt64, step: Int, pair: Int) -> RandomStream {
    RandomStream(seed: seed, stream: 2 << 56 | UInt64(step), counter: UInt64(pair) << 24)
  }

  /// The noise on the scores of one pair's query at one step, from an even row on: a draw for each
  /// row of the corpus, of which there are 2^31 at most.
  static func gumbel(seed: UInt64, step: Int, pair: Int, row: Int) -> RandomStream {
    RandomStream(
      seed: seed, stream: 3 << 56 | UInt64(step), counter: UInt64(pair) << 32 | UInt64(row) / 2)
  }

  /// The passages drawn uniformly for one pair at one step.
  static func sampling(seed: UInt64, step: Int, pair: Int) -> RandomStream {
    RandomStream(seed: seed, stream: 4 << 56 | UInt64(step), counter: UInt64(pair) << 32)
  }
}

extension RandomStream {
  /// A whole number in 0..<bound, `bound` being far below 2^53.
  mutating func index(below bound: Int) -> Int { Int(uniform() * Double(bound)) }

  /// Moves `count` elements, drawn without replacement, to the front (Fisher and Yates).
  ///
  /// Spelled out because the standard library does not promise to keep its own order.
  mutating func draw<Element>(_ count: Int, of elements: inout [Element]) {
    for i in 0..<min(count, elements.count) {
      elements.swapAt(i, i + index(below: elements.count - i))
    }
  }
}
