import Foundation
import Mining
import Tensors
import Testing
import VectorIndex

@Suite("sampling") struct SamplingTests {
  private static let all: [MiningSampling] = [.top, .random, .softmax(temperature: 0.1)]

  /// One candidate list for many queries: each query is one draw.
  private func draws(
    _ scores: [Float], count: Int, queries: Int, _ sampling: MiningSampling, seed: UInt64 = 11
  ) throws -> [[Int]] {
    let script = scores.enumerated().map { ($0.offset + 1, $0.element) }
    let result = try mine(
      Array(repeating: script, count: queries), positives: Array(repeating: [0], count: queries)
    ) {
      $0.sampling = sampling
      $0.seed = seed
      $0.negativesPerQuery = count
    }
    return (0..<queries).map { n in result.rows(n).map { $0 - 1 } }
  }

  /// Σ (observed - expected)² / expected.
  private func chiSquare(_ observed: [Double], _ expected: [Double]) -> Double {
    zip(observed, expected).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) / $1.1 }
  }

  /// 23.5 is exceeded by chance once in 10,000 seeds at 4 degrees of freedom; the seed is fixed.
  @Test(
    "softmax draws by the exact softmax, random by equal shares",
    arguments: [
      (MiningSampling.softmax(temperature: 0.2), [0.9, 0.7, 0.5, 0.4, 0.2] as [Double]),
      (.random, [1, 1, 1, 1, 1]),
    ])
  func distribution(sampling: MiningSampling, scores: [Double]) throws {
    let drawn = try draws([0.9, 0.7, 0.5, 0.4, 0.2], count: 1, queries: 4_000, sampling)
    let weights = scores.map { exp($0 / 0.2) }
    let total = weights.reduce(0, +)
    let observed = (0..<5).map { rank in Double(drawn.count { $0 == [rank] }) }
    #expect(chiSquare(observed, weights.map { $0 / total * 4_000 }) < 23.5)
    #expect(observed.reduce(0, +) == 4_000)
  }

  @Test("two softmax draws are without replacement (Plackett and Luce)")
  func withoutReplacement() throws {
    let weights = [0.6, 0.3, 0.1, 0.2].map { exp($0 / 0.25) }
    let total = weights.reduce(0, +)
    let drawn = try draws(
      [0.6, 0.3, 0.1, 0.2], count: 2, queries: 6_000, .softmax(temperature: 0.25))
    var observed: [Double] = []
    var expected: [Double] = []
    for a in 0..<4 {
      for b in a + 1..<4 {
        observed.append(Double(drawn.count { $0 == [a, b] }))
        let both = weights[a] * weights[b] / total
        expected.append(6_000 * (both / (total - weights[a]) + both / (total - weights[b])))
      }
    }
    #expect(observed.reduce(0, +) == 6_000)
    #expect(chiSquare(observed, expected) < 25.7)  // 5 degrees of freedom, 1 in 10,000
  }

  @Test("a low temperature is top, a high one is not")
  func temperatures() throws {
    let scores = (0..<20).map { 1 - Float($0) * 0.03 }
    let top = try draws(scores, count: 3, queries: 5, .top)
    #expect(top == Array(repeating: [0, 1, 2], count: 5))
    #expect(try draws(scores, count: 3, queries: 5, .softmax(temperature: 1e-4)) == top)
    #expect(try draws(scores, count: 3, queries: 5, .softmax(temperature: 10)) != top)
  }

  @Test("few candidates are all taken, in order of rank", arguments: all)
  func few(sampling: MiningSampling) throws {
    #expect(try draws([0.3, 0.2], count: 2, queries: 2, sampling) == [[0, 1], [0, 1]])
    #expect(try draws([0.3, 0.2], count: 5, queries: 1, sampling) == [[0, 1]])
    #expect(try draws([], count: 5, queries: 1, sampling) == [[]])
  }

  @Test("seeds and queries decide")
  func seeds() throws {
    let scores = Array(repeating: Float(0.5), count: 30)
    let first = try draws(scores, count: 4, queries: 6, .random, seed: 1)
    #expect(try draws(scores, count: 4, queries: 6, .random, seed: 1) == first)
    #expect(try draws(scores, count: 4, queries: 6, .random, seed: 2) != first)
    #expect(Set(first).count > 1)
  }
}

/// Against the real exact index, on random embeddings.
@Suite("over an exact index") struct ExactIndexMiningTests {
  private let passages = randomMatrix(rows: 300, columns: 17, seed: 1)
  private let queryMatrix = randomMatrix(rows: 41, columns: 17, seed: 2)

  private func queries() -> [MiningQuery] {
    (0..<41).map {
      MiningQuery(id: "query \($0)", positives: [$0 * 7, $0])
    }
  }

  private func ground(excluding rows: RowSet = []) throws -> MiningGround {
    MiningGround(
      passageEmbeddings: passages, index: try ExactIndex(passages),
      parameters: SearchParameters(excludedRows: rows),
      identity: { PassageIdentity(key("\($0)")) })
  }

  private func mine(
    _ queries: [MiningQuery], of embeddings: Matrix? = nil, batch: Int = 256,
    _ sampling: MiningSampling
  ) throws -> MiningResult {
    var rules = MiningRules()
    rules.sampling = sampling
    rules.seed = 99
    return try mineHardNegatives(
      queries: queries, embeddings: embeddings ?? queryMatrix, in: ground(), rules: rules,
      batch: batch)
  }

  @Test(
    "neither batch size nor order changes what a query gets",
    arguments: [
      MiningSampling.top, .random, .softmax(temperature: 0.5),
    ])
  func batchesAreInvisible(sampling: MiningSampling) throws {
    let whole = try mine(queries(), sampling)
    for batch in [1, 7, 41] {
      let other = try mine(queries(), batch: batch, sampling)
      #expect(
        other.queries.map { $0.negatives.map(\.row) }
          == whole.queries.map { $0.negatives.map(\.row) })
      #expect(other.report.removed == whole.report.removed)
    }
    let backwards = try mine(
      queries().reversed(), of: queryMatrix.gathering((0..<41).reversed()), batch: 5, sampling)
    #expect(
      backwards.queries.reversed().map { $0.negatives.map(\.row) }
        == whole.queries.map { $0.negatives.map(\.row) })
    #expect(backwards.queries.map(\.query) == Array(0..<41))
  }

  @Test("ranks and scores are the index's own, and positives' scores are inner products")
  func ranksAreOriginal() throws {
    let result = try mine(queries(), .random)
    let answers = exactTopK(queries: queryMatrix, passages: passages, k: 50)
    for mined in result.queries {
      #expect(mined.negatives.count == 5)
      for negative in mined.negatives {
        let answer = answers[mined.query][negative.rank]
        #expect(answer.row == negative.row)
        #expect(abs(answer.score - negative.score) <= 1e-5)
        #expect(negative.row != mined.query && negative.row != mined.query * 7)
      }
      let expected = zip(queryMatrix.row(mined.query), passages.row(mined.query * 7)).reduce(0) {
        $0 + $1.0 * $1.1
      }
      #expect(abs(mined.positiveScores[0] - expected) <= 1e-5)
    }
  }

  @Test("excluded rows are not mined")
  func excludedRows() throws {
    let excluded = try mine(queries(), .top).queries[0].negatives[0].row
    let result = try mineHardNegatives(
      queries: queries(), embeddings: queryMatrix, in: ground(excluding: [excluded]))
    #expect(result.queries.allSatisfy { !$0.negatives.map(\.row).contains(excluded) })
  }

  @Test("progress is told batch by batch")
  func progress() throws {
    var told: [Int] = []
    _ = try mineHardNegatives(
      queries: queries(), embeddings: queryMatrix, in: ground(), batch: 20,
      progress: { done, total in told += [done, total] })
    #expect(told == [20, 41, 40, 41, 41, 41])
  }
}
