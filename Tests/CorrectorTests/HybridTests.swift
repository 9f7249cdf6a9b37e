import Tensors
import Testing

@testable import Corrector

@Suite("Exact rows among corrected ones")
struct HybridTests {
  private let fresh = unitRows(300, 12, seed: 1)

  private func hybrids(
    _ corrected: Matrix, errors: [Float], shares: [Double]
  ) -> [HybridJudgement] {
    let options = quickOptions { $0.exactShares = shares }
    let plain = HeldOutScores(corrected: corrected, fresh: fresh, queries: nil, options: options)
    return judgeHybrids(
      corrected: corrected, fresh: fresh, predictedErrors: errors, queries: nil, plain: plain,
      options: options)
  }

  /// A third of the rows corrected badly, the others exactly.
  private var patchy: Matrix {
    let bad = withNoise(fresh, size: 3, seed: 2)
    var result = fresh
    for row in stride(from: 0, to: 300, by: 3) { result.setRow(row, to: bad.row(row)) }
    return result
  }

  @Test("true predictions spend the encodes where they bring most")
  func worstFirst() throws {
    let truth = rowCosines(patchy, fresh).map { Float(1 - $0) }
    let all = hybrids(patchy, errors: truth, shares: [0.1, 0.34])
    #expect(all.map(\.share) == [0.1, 0.34])
    for hybrid in all { #expect(hybrid.helps && hybrid.gainOverRandom.low > 0) }
    // All bad rows are exact then: nothing is lost any more.
    #expect(all[1].judgement.recallAt10.estimate == 1)
    #expect(all[1].judgement.cosine.estimate > 0.999)
  }

  @Test("predictions turned round do worse than chance")
  func bestFirst() throws {
    let truth = rowCosines(patchy, fresh).map { Float($0 - 1) }
    let hybrid = try #require(hybrids(patchy, errors: truth, shares: [0.1]).first)
    #expect(hybrid.gainOverRandom.high < 0 && hybrid.gain.estimate == 0 && hybrid.helps)
  }

  @Test("exact rows that push in front are found out")
  func mixingCanHurt() throws {
    // Corrected rows that all point away a little score lower against every query.
    var shifted = fresh
    shifted.scale(by: 0.2)
    let hybrid = try #require(
      hybrids(shifted, errors: [Float](repeating: 0, count: 300), shares: [0.1]).first)
    #expect(!hybrid.helps && hybrid.gain.high < 0)
  }

  @Test("a report judges the shares asked for, by the chosen kind")
  func inReport() throws {
    let pairs = networkDrift(300, 16, perturbation: 0.4, seed: 1)
    let report = try fit(pairs, quickOptions { $0.exactShares = [0.2] })
    let hybrid = try #require(report.hybrids.first)
    #expect(report.hybrids.count == 1 && hybrid.share == 0.2)
    #expect(hybrid.judgement.cosine.estimate > report.judgement.cosine.estimate)
  }
}
