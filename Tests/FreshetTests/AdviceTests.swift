import Foundation
import Testing

@testable import Freshet

/// Which way a plan advises.
@Suite struct AdviceTests {
  /// A plan with these predictions; without `kept`, nothing can be kept.
  private func plan(
    kept: Double?, corrected: Double, corrector: CorrectorKind = .ridge,
    seconds: (correct: Double, encode: Double) = (1, 48), encodes: Int = 5400
  ) -> RefreshPlan {
    func way(_ name: String, _ found: Double, _ seconds: Double, _ encodes: Int = 0)
      -> RefreshPlan.Way
    {
      .init(
        way: name, quality: ["neighbours@10": [found - 0.01, found, found + 0.01]],
        seconds: seconds, encodes: encodes)
    }
    var ways = [
      way("correct", corrected, seconds.correct), way("re-encode", 1, seconds.encode, encodes),
    ]
    if let kept { ways.insert(way("keep", kept, 0.5), at: 0) }
    return RefreshPlan(
      ways: ways, chosen: corrector == .identity ? "keep" : "correct", corrector: corrector,
      candidates: [], skipped: [], sample: 600, hybrids: [],
      recovery: kept.map { (corrected - $0) / (1 - $0) } ?? corrected, source: 0,
      correctsCorrected: false)
  }

  @Test func nothingLostIsKept() {
    for kept in [0.98, 0.999] {
      #expect(plan(kept: kept, corrected: kept).advice.way == "keep")
    }
    let still = plan(kept: 0.97, corrected: 0.97, corrector: .identity).advice
    #expect(still.way == "keep" && still.reason.contains("97.0%"), "\(still)")
    #expect(plan(kept: 0.97, corrected: 0.99).advice.way == "correct")
  }

  @Test func theRecoveryDecides() {
    let little = plan(kept: 0.78, corrected: 0.83).advice
    #expect(little.way == "re-encode")
    let words = "correcting brings back 22.7% of the lost neighbours; "
      + "encoding the other 5,400 takes 48 s"
    #expect(little.reason == words)
    let small = plan(kept: 0.78, corrected: 0.83, encodes: 39_400).advice.reason
    #expect(small.hasSuffix("or try a larger sample: this one is 1.5% of the passages"), "\(small)")
    #expect(plan(kept: 0.6, corrected: 0.7999).advice.way == "re-encode")
    #expect(plan(kept: 0.6, corrected: 0.8001).advice.way == "correct")
    #expect(plan(kept: 0.8, corrected: 0.79).advice.reason.contains("back 0.0% of"))
  }

  @Test func whereNoCorrectorHelpsEverythingIsEncoded() {
    let advice = plan(kept: 0.9, corrected: 0.9, corrector: .identity).advice
    #expect(advice.way == "re-encode" && advice.reason.contains("any of the 10.0%"), "\(advice)")
  }

  @Test func whereNothingCanBeKeptTheShareFoundDecides() {
    #expect(plan(kept: nil, corrected: 0.81).advice.way == "correct")
    let advice = plan(kept: nil, corrected: 0.79).advice
    #expect(advice.way == "re-encode" && advice.reason.contains("nothing can be kept"), "\(advice)")
  }

  @Test func aSmallCollectionIsEncoded() {
    let cheap = plan(kept: 0.6, corrected: 0.9, seconds: (2, 12), encodes: 300).advice
    #expect(cheap.way == "re-encode" && cheap.reason.contains("the other 300 takes 12 s"))
    #expect(plan(kept: 0.6, corrected: 0.9, seconds: (2, 12.1)).advice.way == "correct")
    let done = plan(kept: 0.6, corrected: 0.9, seconds: (2, 1), encodes: 0).advice
    #expect(done.way == "re-encode" && done.reason.contains("every passage is encoded already"))
    #expect(plan(kept: 0.99, corrected: 0.99, seconds: (2, 3)).advice.way == "keep")
  }

  @Test func plansStoredBeforeThereWasAdviceGiveIt() throws {
    let stored = """
      {"candidates":[],"chosen":"correct","corrector":"ridge","correctsCorrected":false,\
      "hybrids":[],"recovery":0.1,"sample":600,"skipped":[],"source":0,"ways":[\
      {"encodes":0,"quality":{"neighbours@10":[0.7,0.8,0.9]},"seconds":1,"way":"keep"},\
      {"encodes":0,"quality":{"neighbours@10":[0.7,0.82,0.9]},"seconds":1,"way":"correct"},\
      {"encodes":9,"quality":{"neighbours@10":[1,1,1]},"seconds":99,"way":"re-encode"}]}
      """
    let plan = try JSONDecoder().decode(RefreshPlan.self, from: Data(stored.utf8))
    #expect(plan.advice.way == "re-encode" && plan.advice.reason.contains("10.0%"))
  }

  @Test func goingOnAgainstAdviceIsSaid() throws {
    let world = try World()
    let collection = try world.encoded(120)
    var options = quickRefresh
    options.sample = .count(60)
    let plan = try collection.planRefresh(to: world.b, options: options)
    #expect(world.notices.isEmpty, "a plan goes nowhere")
    try #require(plan.advice.way == "re-encode", "few passages are soon encoded")
    try collection.refresh(to: world.b, options: options)
    #expect(world.notices.count == 1 && world.notices[0].contains("advised"), "\(world.notices)")
  }
}
