import Foundation
import Tensors
import Testing

@testable import Corrector

@Suite("The simplest that is not worse")
struct ChoosingTests {
  @Test("without drift, the stale vectors are kept")
  func noDrift() throws {
    let stale = unitRows(300, 12, seed: 1)
    let report = try fit(CorrectionPairs(stale: stale, fresh: stale), quickOptions())
    #expect(report.corrector.kind == .identity)
    #expect(report.keep == report.judgement)
    #expect(report.comparisons.count == 5)
    #expect(report.comparisons.allSatisfy { $0.incumbent == .identity && !$0.challengerWins })
  }

  @Test("a rotation is left to Procrustes")
  func rotation() throws {
    let stale = unitRows(400, 12, seed: 2)
    let fresh = matrix(
      reference(doubles(stale), try orthogonal(12, seed: 3), 400, 12, 12), 400, 12)
    let report = try fit(CorrectionPairs(stale: stale, fresh: fresh), quickOptions())
    #expect(report.corrector.kind == .procrustes)
    #expect(report.judgement.recallAt10.estimate > 0.999)
  }

  @Test("a linear drift is left to ridge", arguments: [UInt64(4), 40, 400])
  func linear(seed: UInt64) throws {
    let stale = unitRows(400, 12, seed: seed)
    let fresh = linearDrift(stale, size: 0.8, seed: seed + 1)
    let report = try fit(
      CorrectionPairs(stale: stale, fresh: fresh), quickOptions { $0.mlp.steps = 600 })
    #expect(report.corrector.kind == .ridge)
    #expect(
      report.candidates.map(\.corrector.kind) == [
        .identity, .procrustes, .lowRank, .ridge, .clusters, .residualMLP,
      ])
    let recalls = report.candidates.map(\.judgement.recallAt10.estimate)
    #expect(recalls[..<3].allSatisfy { recalls[3] > $0 })
  }

  @Test("a bent drift is left to the MLP, which beats ridge")
  func bent() throws {
    let all = angles(300, seed: 6)
    let pairs = CorrectionPairs(stale: circle(all), fresh: circle(drifted(all)))
    let options = quickOptions {
      ($0.mlp.width, $0.mlp.steps, $0.mlp.learningRate) = (32, 1500, 1e-2)
    }
    let report = try fit(pairs, queries: circle(angles(100, seed: 7)), options)
    #expect(report.corrector.kind == .residualMLP)
    #expect(report.judgement.kl.estimate < 0.01)
    #expect(report.judgement.recallAt10.estimate > 0.9)
    let last = try #require(report.comparisons.last)
    #expect(last.challenger == .residualMLP && last.recallDifference.low > options.notWorseMargin)
  }

  /// Scores with the given recalls per query and cosines per passage.
  private func scores(
    _ kind: CorrectorKind, recall: (Int) -> Double, cosine: Double
  ) -> (kind: CorrectorKind, scores: HeldOutScores) {
    (
      kind,
      HeldOutScores(
        cosines: [Double](repeating: cosine, count: 50), divergences: [],
        recalls: (0..<200).map(recall), neighbours: 10)
    )
  }

  @Test(
    "the rule",
    arguments: [
      // gain in recall (mean, and its swing from query to query), gain in cosine -> wins?
      (0.10, 0.0, 0.0, true),  // surely better
      (0.10, 0.0, -0.1, true),  // recall decides, whatever the cosine says
      (0.004, 0.0, 0.0, false),  // surely better, but within the margin
      (0.004, 0.0, 0.02, true),  // equal in recall: the cosine breaks the tie
      (0.0, 0.0, 0.004, false),  // equal in both
      (0.02, 0.5, 0.3, false),  // better on average, but unsure: no reason to change
      (-0.1, 0.0, 0.3, false),  // worse in recall, whatever the cosine says
    ])
  func rule(gain: Double, swing: Double, cosineGain: Double, wins: Bool) {
    let simple = scores(.identity, recall: { _ in 0.5 }, cosine: 0.6)
    let other = scores(
      .ridge, recall: { 0.5 + gain + ($0 % 2 == 0 ? swing : -swing) }, cosine: 0.6 + cosineGain)
    let (chosen, comparisons) = choose([simple, other], options: FitOptions())
    #expect(chosen == (wins ? 1 : 0))
    #expect(comparisons.count == 1 && comparisons[0].challengerWins == wins)
    #expect(abs(comparisons[0].recallDifference.estimate - gain) < 1e-12)
    #expect(abs(comparisons[0].cosineDifference.estimate - cosineGain) < 1e-12)
  }

  @Test(
    "the KL divergence decides where recall has not fallen",
    arguments: [
      // gain in recall (mean, and its swing), fall of KL (mean, and its swing), from -> wins?
      (0.01, 0.5, 0.05, 0.0, 0.5, true),  // unsure in recall, surely nearer
      (-0.004, 0.5, 0.05, 0.0, 0.5, true),
      (-0.02, 0.5, 0.3, 0.0, 0.5, false),  // but not where recall seems to fall
      (0.0, 0.0, 0.004, 0.0, 0.5, false),  // surely nearer, but within the margin
      (0.01, 0.5, 0.05, 0.8, 0.9, false),  // nearer on average, but unsure
      (0.0, 0.0, 0.00009, 0.0, 0.0001, false),  // rounding
      (0.0, 0.0, -0.1, 0.0, 0.5, false),  // farther
    ])
  func divergenceRule(
    gain: Double, swing: Double, fall: Double, klSwing: Double, from: Double, wins: Bool
  ) {
    func scores(_ recall: @escaping (Int) -> Double, _ kl: @escaping (Int) -> Double)
      -> HeldOutScores
    {
      HeldOutScores(
        cosines: [Double](repeating: 0.5, count: 50), divergences: (0..<200).map(kl),
        recalls: (0..<200).map(recall), neighbours: 10)
    }
    func turn(_ i: Int) -> Double { i % 2 == 0 ? 1 : -1 }
    let simple = scores({ _ in 0.5 }, { _ in from })
    let other = scores({ 0.5 + gain + turn($0) * swing }, { from - fall + turn($0) * klSwing })
    let (chosen, comparisons) = choose(
      [(.ridge, simple), (.textRidge, other)], options: FitOptions())
    #expect(chosen == (wins ? 1 : 0))
    #expect(abs(comparisons[0].klDifference.estimate + fall) < 1e-12)
  }

  @Test("each challenger meets the best so far, not the first")
  func walks() {
    let all = [
      scores(.identity, recall: { _ in 0.5 }, cosine: 0.5),
      scores(.procrustes, recall: { _ in 0.7 }, cosine: 0.5),
      scores(.ridge, recall: { _ in 0.6 }, cosine: 0.5),
      scores(.residualMLP, recall: { _ in 0.8 }, cosine: 0.5),
    ]
    let (chosen, comparisons) = choose(all, options: FitOptions())
    #expect(chosen == 3)
    #expect(comparisons.map(\.incumbent) == [.identity, .procrustes, .procrustes])
    #expect(choose([all[0]], options: FitOptions()).chosen == 0)
  }
}
