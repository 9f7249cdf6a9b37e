import Corrector
import Tensors
import Testing

@testable import Training

@Suite("Two-stage draws")
struct CandidateSamplerTests {
  let stale = unitRows(400, 8, seed: 21)
  let queries = unitRows(9, 8, seed: 22)

  /// A corrector that moves vectors, and the corpus as it moves them.
  func corrector(strength: Float) -> (ResidualMLP, corrected: Matrix) {
    var model = ResidualMLP(identityOf: 8, width: 16, normalizes: true, seed: 23)
    model.parameters.w2 = unitRows(16, 8, seed: 24)
    model.parameters.w2.scale(by: strength)
    return (model, model.apply(stale))
  }

  func draw(
    _ candidates: Int, margin: Float? = nil, older: Matrix, _ model: ResidualMLP
  ) -> [[Int]] {
    CandidateSampler(
      sampler: .sample(6, temperature: 0.1, margin: margin), candidates: candidates
    ).draw(
      for: negativeQueries(9, positive: 17, masked: [17, 30]), embeddings: queries, older: older,
      stale: stale, corrector: model, step: 3)
  }

  @Test("with all passages as candidates, the draws are the exhaustive ones", arguments: [nil, 0.1])
  func equalsExhaustive(margin: Float?) {
    let (model, corrected) = corrector(strength: 0.7)
    let exhaustive = SoftmaxSampler.sample(6, temperature: 0.1, margin: margin).draw(
      for: negativeQueries(9, positive: 17, masked: [17, 30]), embeddings: queries,
      over: corrected, step: 3)
    #expect(draw(400, margin: margin, older: stale, model) == exhaustive)
    #expect(draw(400, margin: margin, older: corrected, model) == exhaustive)
    #expect(exhaustive.allSatisfy { $0.count == 6 || margin != nil })
  }

  @Test("with fewer, draws are of the candidates, by their newest correction")
  func fewer() {
    let (model, corrected) = corrector(strength: 0.7)
    let (_, older) = corrector(strength: 0.6)
    let sampler = CandidateSampler(sampler: .sample(6), candidates: 25)
    let found = sampler.candidates(of: negativeQueries(9, masked: [17, 30]), queries, older)
    let truth = exactTopK(queries: queries, passages: corrected, k: 6)
    var hits = 0
    for (i, drawn) in draw(25, older: older, model).enumerated() {
      #expect(found[i].count == 25 && Set(found[i]).isDisjoint(with: [17, 30]))
      #expect(found[i] == found[i].sorted() && Set(drawn).isSubset(of: found[i]))
      hits += truth[i].filter { found[i].contains($0.row) }.count
    }
    #expect(hits >= 45, "candidates hold \(hits) of the 54 best by the newest correction")
    #expect(draw(25, older: older, model) != draw(400, older: older, model))
  }
}
