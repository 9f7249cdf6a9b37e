internal import Tensors

extension MiningSampling {
  /// Picks up to `count` of `candidates`, and returns them by ascending rank.
  ///
  /// Random picks add a Gumbel draw to each log-weight and keep the largest sums, which is drawing
  /// without replacement by those weights (Kool, van Hoof and Welling, ICML 2019, section 2.3). The
  /// draws are a function of `seed` and `query` alone, so they do not depend on what else is mined.
  /// - Parameters:
  ///   - candidates: by ascending rank.
  ///   - count: how many are wanted.
  ///   - seed: of the whole mining.
  ///   - query: the query's id.
  func pick(_ count: Int, of candidates: [HardNegative], seed: UInt64, query: String)
    -> [HardNegative]
  {
    guard count < candidates.count else { return candidates }
    let logWeights: [Double]
    switch self {
    case .top: return Array(candidates.prefix(count))
    case .random: logWeights = candidates.map { _ in 0 }
    case .softmax(let temperature):
      logWeights = candidates.map { Double($0.score) / Double(temperature) }
    }
    var random = RandomStream(seed: seed, stream: streamNumber(query))
    let keys = logWeights.map { $0 + random.gumbel() }
    let best = keys.indices.sorted { keys[$0] > keys[$1] }.prefix(count)
    return best.sorted().map { candidates[$0] }
  }
}

/// FNV-1a over the id's bytes: the same in every process, unlike `hashValue`.
private func streamNumber(_ id: String) -> UInt64 {
  id.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
}
