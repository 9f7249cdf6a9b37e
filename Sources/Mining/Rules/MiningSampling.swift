internal import Tensors

/// How negatives are picked among the candidates that no rule removed.
public enum MiningSampling: Sendable, Codable, Equatable {
  /// The best ranked.
  case top
  /// All equally likely.
  case random
  /// Without replacement, each draw by the softmax of score / `temperature`.
  case softmax(temperature: Float)
}

extension MiningSampling {
  /// The places of `candidates` in the order they are drawn.
  ///
  /// Random draws add a Gumbel number to each log-weight and go by descending sums, which is
  /// drawing without replacement by those weights (Kool, van Hoof and Welling, ICML 2019, section
  /// 2.3). Passing over a candidate that a costly rule removes gives the same draws as if it had
  /// been removed before. The numbers are a function of the stream alone, so they do not depend on
  /// what else is mined.
  /// - Parameter candidates: by ascending rank.
  func order(of candidates: [HardNegative], random: RandomStream) -> [Int] {
    var random = random
    let logWeights: [Double]
    switch self {
    case .top: return Array(candidates.indices)
    case .random: logWeights = candidates.map { _ in 0 }
    case .softmax(let temperature):
      logWeights = candidates.map { Double($0.score) / Double(temperature) }
    }
    let keys = logWeights.map { $0 + random.gumbel() }
    return keys.indices.sorted { keys[$0] > keys[$1] }
  }
}

/// The random numbers of one query: a function of the seed, the query's id and what they are for.
func randomStream(seed: UInt64, query: String, for source: CandidateSource) -> RandomStream {
  // FNV-1a over the id's bytes: the same in every process, unlike `hashValue`.
  let number = query.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) {
    ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3
  }
  switch source {
  case .dense: return RandomStream(seed: seed, stream: number)
  case .bm25: return RandomStream(seed: seed, stream: number ^ 0x9E37_79B9_7F4A_7C15)
  case .random: return RandomStream(seed: seed, stream: number ^ 0xC2B2_AE3D_27D4_EB4F)
  }
}
