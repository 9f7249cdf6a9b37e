internal import Tensors

/// What a passage does to the figures of queries by being one of the passages searched.
///
/// Where the passages ask for each other, each is a query once and a candidate for all others, and a
/// mean over queries is not a mean of independent numbers: another sample would have other queries
/// and other candidates. Added to a passage's own figure, its influence as a candidate gives the
/// pseudo-value by which the jackknife counts both (Efron and Tibshirani 1993, ch. 11; for the
/// divergence its infinitesimal form): intervals come from these, means are unchanged.
enum PoolInfluence {
  /// The derivative of `KL(P ‖ Q)` of two softmaxes by each candidate's weight in both.
  ///
  /// - Parameters: log probabilities, and the divergence itself.
  static func onDivergence(_ p: [Double], _ q: [Double], _ divergence: Double) -> [Double] {
    zip(p, q).map { p, q in
      let share = exponential(p)
      return share * (p - q - divergence) - share + exponential(q)
    }
  }

  /// By how much the share of the true k nearest that is found would fall without a candidate, for
  /// those that are among either's k nearest; nothing else matters.
  ///
  /// - Parameters:
  ///   - truth, guess: at least k + 1 nearest each, best first; empty when there are not as many.
  static func onRecall(
    _ truth: [Int], _ guess: [Int], k: Int
  ) -> [(candidate: Int, fall: Double)] {
    guard truth.count > k, guess.count > k else { return [] }
    func found(without candidate: Int?) -> Int {
      let left = guess.filter { $0 != candidate }.prefix(k)
      return truth.filter { $0 != candidate }.prefix(k).count { left.contains($0) }
    }
    let whole = found(without: nil)
    let either = truth.prefix(k) + guess.prefix(k).filter { !truth.prefix(k).contains($0) }
    return either.map { ($0, Double(whole - found(without: $0)) / Double(k)) }
  }

  /// Own figures with the influences added, whose mean is moved to 0.
  static func pseudoValues(_ own: [Double], influences: [Double]) -> [Double] {
    let middle = mean(influences)
    return zip(own, influences).map { $0 + $1 - middle }
  }
}
