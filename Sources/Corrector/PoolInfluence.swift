internal import Tensors

/// What a passage does to the figures of queries by being one of the passages searched.
///
/// Where the passages ask for each other, each is a query once and a candidate for all others, and a
/// mean over queries is not a mean of independent numbers: another sample would have other queries
/// and other candidates. Added to a passage's own figure, its influence as a candidate gives the
/// pseudo-value by which the jackknife counts both (Efron and Tibshirani 1993, ch. 11; for the
/// divergence its infinitesimal form): intervals come from these, means are unchanged. The share of
/// neighbours found jumps as passages come and go, and is left to ``GroupJackknife``.
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

  /// Own figures with the influences added, whose mean is moved to 0.
  static func pseudoValues(_ own: [Double], influences: [Double]) -> [Double] {
    let middle = mean(influences)
    return zip(own, influences).map { $0 + $1 - middle }
  }
}
