import Foundation
import Tensors
import Testing

@testable import Corrector

@Suite("Influence of the passages searched")
struct PoolInfluenceTests {
  private let fresh = unitRows(40, 6, seed: 1)
  private var corrected: Matrix { withNoise(fresh, size: 0.4, seed: 2) }

  private func scores(_ rows: [Int], forIntervals: Bool = true) -> HeldOutScores {
    HeldOutScores(
      corrected: corrected.gathering(rows), fresh: fresh.gathering(rows), queries: nil,
      options: FitOptions(), forIntervals: forIntervals)
  }

  @Test("means are what they are without it")
  func meansStay() {
    let all = Array(0..<40)
    let plain = scores(all, forIntervals: false), counted = scores(all)
    #expect(abs(mean(plain.recalls) - mean(counted.recalls)) < 1e-12)
    #expect(abs(mean(plain.divergences) - mean(counted.divergences)) < 1e-12)
    #expect(plain.recalls != counted.recalls && plain.divergences != counted.divergences)
  }

  @Test("a share found has the pseudo-values of groups left out")
  func recallIsJackknife() {
    let all = Array(0..<40)
    let counted = scores(all)
    let jackknife = GroupJackknife(rows: 40, k: counted.neighbours)
    #expect(jackknife.groups == 6, "about the square root of the rows")
    let whole = mean(scores(all, forIntervals: false).recalls)
    let expected = jackknife.partitions.flatMap { groupOf in
      let pseudo = (0..<6).map { group in
        let rest = all.filter { groupOf[$0] != group }
        return 6 * whole - 5 * recallSum(rest, k: counted.neighbours) / Double(rest.count)
      }
      return pseudo.map { whole + Double(6).squareRoot() * ($0 - mean(pseudo)) }
    }
    #expect(Set(jackknife.partitions).count == 6)
    #expect(counted.recalls.count == 36)
    for (value, expected) in zip(counted.recalls, expected) {
      #expect(abs(value - expected) < 1e-9)
    }
  }

  private func recallSum(_ rows: [Int], k: Int) -> Double {
    let truth = product(fresh.gathering(rows), fresh.gathering(rows), transposeB: true)
    let guess = product(fresh.gathering(rows), corrected.gathering(rows), transposeB: true)
    return rows.indices.reduce(0) { sum, own in
      func best(_ scores: [Float]) -> Set<Int> {
        let others = scores.indices.filter { $0 != own }
        return Set(others.sorted { scores[$0] > scores[$1] }.prefix(k))
      }
      return sum + Double(best(truth.row(own)).intersection(best(guess.row(own))).count) / Double(k)
    }
  }

  @Test("a divergence's influence is its derivative by a candidate's weight")
  func divergenceIsDerivative() {
    let truth = [0.9, 0.1, -0.3, 0.5, 0.2], guess = [0.7, 0.3, -0.1, 0.4, 0.35]
    func divergence(_ weights: [Double]) -> Double {
      func shares(_ scores: [Double]) -> [Double] {
        let raised = zip(scores, weights).map { $1 * exp($0 / 0.1) }
        return raised.map { $0 / raised.reduce(0, +) }
      }
      // Candidates of weight w count w times: the ratio inside the logarithm is of single ones.
      return zip(zip(shares(truth), shares(guess)), weights).reduce(0) {
        $0 + $1.0.0 * log(($1.0.0 / $1.1) / ($1.0.1 / $1.1))
      }
    }
    let ones = [Double](repeating: 1, count: 5)
    let found = PoolInfluence.onDivergence(
      logSoftmax(truth.map { Float($0) }, 0.1), logSoftmax(guess.map { Float($0) }, 0.1),
      divergence(ones))
    for place in 0..<5 {
      var (up, down) = (ones, ones)
      up[place] += 1e-5
      down[place] -= 1e-5
      let slope = (divergence(up) - divergence(down)) / 2e-5
      #expect(abs(found[place] - slope) < 1e-4, "\(place)")
    }
    #expect(abs(found.reduce(0, +)) < 1e-6, "to weigh all alike changes nothing")
  }

  @Test("intervals cover what other samples of the same passages find")
  func intervalsCover() {
    let many = unitRows(4000, 8, seed: 3)
    let noisy = withNoise(many, size: 0.5, seed: 4)
    var random = RandomStream(seed: 5, stream: 1)
    var judged: [Judgement] = []
    for _ in 0..<60 {
      let rows = Array(Array(0..<4000).shuffled(using: &random).prefix(120))
      judged.append(
        HeldOutScores(
          corrected: noisy.gathering(rows), fresh: many.gathering(rows), queries: nil,
          options: FitOptions()
        ).judgement(FitOptions()))
    }
    func covered(_ figure: (Judgement) -> Interval) -> Int {
      let truth = mean(judged.map { figure($0).estimate })
      return judged.count { figure($0).low <= truth && truth <= figure($0).high }
    }
    // 95% of 60 is 57; by chance hardly ever below 52.
    #expect(covered(\.kl) >= 52, "\(covered(\.kl))")
    #expect(covered(\.recallAt10) >= 52, "\(covered(\.recallAt10))")
    // Nor are they needlessly wide: the estimates spread about as far as an interval says.
    func widths(_ figure: (Judgement) -> Interval) -> Double {
      let estimates = judged.map { figure($0).estimate }
      let middle = mean(estimates)
      let spread = mean(estimates.map { ($0 - middle) * ($0 - middle) }).squareRoot()
      return mean(judged.map { figure($0).high - figure($0).low }) / (2 * 1.96 * spread)
    }
    #expect((0.75...1.5).contains(widths(\.kl)), "\(widths(\.kl))")
    #expect((0.75...1.5).contains(widths(\.recallAt10)), "\(widths(\.recallAt10))")
  }
}
