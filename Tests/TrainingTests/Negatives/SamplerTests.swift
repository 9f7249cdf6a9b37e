import Foundation
import Tensors
import Testing

@testable import Training

@Suite("Negatives are drawn from the softmax")
struct SamplerTests {
  /// 12 passages, and the logits one query has with them at a temperature.
  static func passages(_ temperature: Double) -> (Matrix, query: Matrix, logits: [Double]) {
    let passages = unitRows(12, 6, seed: 1), query = unitRows(1, 6, seed: 2)
    let scores = product(query, passages, transposeB: true).elements
    return (passages, query, scores.map { Double($0) / temperature })
  }

  /// Many draws for one query: as many pairs, at several steps.
  func draws(_ sampler: SoftmaxSampler, masked: Set<Int> = [], steps: Int) -> [[Int]] {
    let (passages, query, _) = Self.passages(sampler.temperature)
    let queries = negativeQueries(1000, masked: masked)
    let embeddings = Matrix.concatenatingRows([Matrix](repeating: query, count: 1000))
    return (0..<steps).flatMap {
      sampler.draw(for: queries, embeddings: embeddings, over: passages, step: $0)
    }
  }

  @Test("the first draw has the softmax's frequencies: chi-square", arguments: [0.5, 0.2])
  func oneDraw(temperature: Double) {
    var counts = [Int](repeating: 0, count: 12)
    for drawn in draws(.sample(1, temperature: temperature), steps: 200) { counts[drawn[0]] += 1 }
    let truth = softmax(Self.passages(temperature).logits)
    #expect(chiSquare(counts, truth) < 31.3)  // 0.1 % of 11 degrees of freedom
    #expect(chiSquare(counts, softmax(Self.passages(temperature * 1.1).logits)) > 31.3)
  }

  @Test("the first two are draws without replacement, one after the other")
  func twoDraws() {
    let truth = softmax(Self.passages(0.5).logits)
    var counts = [Int](repeating: 0, count: 144)
    for drawn in draws(.sample(2), steps: 200) { counts[drawn[0] * 12 + drawn[1]] += 1 }
    let cells = (0..<144).filter { $0 / 12 != $0 % 12 }
    let probabilities = cells.map { truth[$0 / 12] * truth[$0 % 12] / (1 - truth[$0 / 12]) }
    #expect(abs(probabilities.reduce(0, +) - 1) < 1e-9)
    #expect(cells.reduce(0) { $0 + counts[$1] } == 200_000)
    #expect(chiSquare(cells.map { counts[$0] }, probabilities) < 186)  // 0.1 % of 131
  }

  @Test("what is masked is never drawn, and the others as if it were not there")
  func masked() {
    let masked: Set = [0, 4, 5, 11]
    var counts = [Int](repeating: 0, count: 12)
    for drawn in draws(.sample(1), masked: masked, steps: 100) { counts[drawn[0]] += 1 }
    #expect(masked.allSatisfy { counts[$0] == 0 })
    let left = (0..<12).filter { !masked.contains($0) }
    let logits = Self.passages(0.5).logits
    #expect(chiSquare(left.map { counts[$0] }, softmax(left.map { logits[$0] })) < 24.4)  // of 7
    for drawn in draws(.sample(20), masked: masked, steps: 1) {
      #expect(drawn.sorted() == left, "fewer than asked for: all that are allowed")
    }
  }

  @Test("blocks and tasks do not show: draws equal those by all scores at once")
  func blocks() {
    let passages = unitRows(9001, 8, seed: 4), queries = unitRows(35, 8, seed: 5)
    let sampler = SoftmaxSampler.sample(5, temperature: 0.1)
    let drawn = sampler.draw(
      for: negativeQueries(35, masked: [7, 8999]), embeddings: queries, over: passages, step: 2)
    let scores = product(queries, passages, transposeB: true)
    for i in 0..<35 {
      var noise = RandomUse.gumbel(seed: 3, step: 2, pair: i, row: 0)
      let keys = scores.row(i).map { Double($0) / 0.1 + noise.gumbel() }
      let best = keys.indices.filter { ![7, 8999].contains($0) }.sorted { keys[$0] > keys[$1] }
      #expect(drawn[i] == Array(best.prefix(5)))
    }
  }

  @Test("the same key draws the same, another key others")
  func keys() {
    let passages = unitRows(500, 8, seed: 6), queries = unitRows(3, 8, seed: 7)
    func drawn(_ seed: UInt64, step: Int, pairs: [Int]) -> [[Int]] {
      SoftmaxSampler.sample(6, seed: seed).draw(
        for: pairs.map { NegativeQuery(pair: $0, positive: nil, masked: []) },
        embeddings: queries, over: passages, step: step)
    }
    let first = drawn(1, step: 4, pairs: [0, 1, 2])
    #expect(drawn(1, step: 4, pairs: [0, 1, 2]) == first)
    #expect(drawn(1, step: 4, pairs: [0, 9, 2])[2] == first[2], "whatever the company")
    #expect(drawn(1, step: 4, pairs: [0, 9, 2])[1] != first[1])
    #expect(drawn(1, step: 5, pairs: [0, 1, 2]) != first)
    #expect(drawn(2, step: 4, pairs: [0, 1, 2]) != first)
  }

  @Test("with a margin, what scores higher above the positive is not drawn")
  func margin() {
    let passages = unitRows(300, 4, seed: 8), query = unitRows(1, 4, seed: 9)
    let scores = product(query, passages, transposeB: true).elements
    let positive = scores.indices.sorted { scores[$0] > scores[$1] }[40]
    let asked = [NegativeQuery(pair: 0, positive: positive, masked: [positive])]
    func drawn(_ margin: Float?) -> Set<Int> {
      Set(
        SoftmaxSampler.sample(300, margin: margin).draw(
          for: asked, embeddings: query, over: passages, step: 0)[0])
    }
    #expect(drawn(nil).count == 299)
    for margin: Float in [0, 0.05, -0.2] {
      let allowed = scores.indices.filter {
        $0 != positive && scores[$0] <= scores[positive] + margin
      }
      #expect(drawn(margin) == Set(allowed) && allowed.count < 299)
    }
  }

  @Test("a row's noise is the same in any order, and never above its bound")
  func noise() {
    var inOrder = GumbelNoise(seed: 5, step: 6, pair: 7)
    let all = (0..<200).map { inOrder.uniform(at: $0) }
    var jumping = GumbelNoise(seed: 5, step: 6, pair: 7)
    for row in [3, 4, 5, 9, 10, 11, 100, 42, 43, 0, 199] {
      #expect(jumping.uniform(at: row) == all[row])
    }
    for uniform in all + [0, 0x1p-53, 0.5, 0.75, 1 - 0x1p-53] {
      #expect(GumbelNoise.noise(uniform) <= GumbelNoise.bound(uniform) + 1e-12)
    }
    #expect(GumbelNoise.bound(0.999) < 7, "a bound that bounds something")
  }

  @Test("uniform draws: frequencies, masks, all different, the same for the same key")
  func uniform() {
    let sampler = UniformSampler(count: 3, seed: 11)
    let masked: Set = [2, 9]
    var counts = [Int](repeating: 0, count: 20)
    for query in negativeQueries(20_000, masked: masked) {
      let drawn = sampler.draw(for: query, passages: 20, step: 1)
      #expect(Set(drawn).count == 3)
      #expect(sampler.draw(for: query, passages: 20, step: 1) == drawn)
      for row in drawn { counts[row] += 1 }
    }
    #expect(counts[2] == 0 && counts[9] == 0)
    let rest = counts.indices.filter { !masked.contains($0) }.map { counts[$0] }
    // Three draws without replacement spread less than three with: the bound is on the safe side.
    #expect(chiSquare(rest, [Double](repeating: 1.0 / 18, count: 18)) < 40.8)  // 0.1 % of 17
    for passages in [2, 3, 5, 7, 10] {
      let drawn = sampler.draw(
        for: negativeQueries(1, masked: [0, 1])[0], passages: passages, step: 1)
      #expect(drawn.count == min(3, passages - 2) && Set(drawn).isDisjoint(with: [0, 1]))
      #expect(Set(drawn).count == drawn.count && drawn.allSatisfy { $0 < passages })
    }
  }
}
