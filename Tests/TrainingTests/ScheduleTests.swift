import Testing

@testable import Training

@Suite("Learning rate and clipping")
struct ScheduleTests {
  @Test("rises from 0, falls to 0")
  func shape() {
    let schedule = LearningRateSchedule(peak: 1, warmupShare: 0.1, totalSteps: 40)
    let rates = (0...40).map { schedule.rate(at: $0) }
    #expect(rates[0] == 0 && rates[1] == 0.25 && rates[4] == 1 && rates[40] == 0)
    #expect(rates[22] == 0.5 && rates[39] == 1.0 / 36)
    #expect(rates.allSatisfy { (0...1).contains($0) })
  }

  @Test(
    "no warm-up, only warm-up, one step",
    arguments: [
      (0.0, 4, [1, 0.75, 0.5, 0.25]), (1.0, 4, [0, 0.25, 0.5, 0.75]), (0.0, 1, [1]),
      (0.01, 3, [0, 1, 0.5]),
    ] as [(Double, Int, [Double])])
  func edges(share: Double, steps: Int, expected: [Double]) {
    let schedule = LearningRateSchedule(peak: 1, warmupShare: share, totalSteps: steps)
    #expect((0..<steps).map { schedule.rate(at: $0) } == expected)
  }

  @Test("the factor of clipping")
  func clipping() {
    #expect(AdamW.clippingScale(norm: 0.5, limit: 1) == 1)
    #expect(AdamW.clippingScale(norm: 0, limit: 1) == 1)
    #expect(AdamW.clippingScale(norm: 4, limit: 1) == 1 / (4 + 1e-6))
    #expect(AdamW.clippingScale(norm: 4, limit: .infinity) == 1)
  }
}
