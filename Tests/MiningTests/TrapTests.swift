import Foundation
import Mining
import Tensors
import Testing
import VectorIndex

/// The rules that look beyond the index's own scores.
@Suite("further rules") struct FurtherRuleTests {
  private let answers: [(Int, Float)] = [
    (7, 0.9), (3, 0.8), (5, 0.7), (4, 0.6), (9, 0.5), (2, 0.4),
  ]

  /// The hash of title and text differs from that of the query's text.
  @Test("a passage with a title is the query when its text alone is")
  func ownTextUnderATitle() throws {
    let titled = PassageIdentity(whole: key("title query text"), text: key("query text"))
    let whole = PassageIdentity(whole: key("query text"), text: key("text"))
    let result = try mine(
      [answers], positives: [[1]],
      ground: { $0.identity = { $0 == 3 ? titled : $0 == 5 ? whole : nil } })
    #expect(result.rows() == [7, 4, 9, 2])
    #expect(result.report.removed == [.ownText: 2])
  }

  @Test(
    "margins are taken from the positive asked for",
    arguments: [(MarginAnchor.worstPositive, [9, 2]), (.bestPositive, [5, 4, 9, 2])])
  func anchors(anchor: MarginAnchor, rows: [Int]) throws {
    let result = try mine([answers], positives: [[0, 1]], scores: [0: 0.95, 1: 0.75]) {
      $0.absoluteMargin = 0.25
      $0.marginAnchor = anchor
    }
    #expect(result.rows() == rows)
  }

  @Test("positives are let through, marked and untouched, when asked for")
  func includedPositives() throws {
    let result = try mine([answers], positives: [[5, 1]], texts: [5: "a", 3: "a"]) {
      $0.includesPositives = true
      $0.maximumScore = 0.65
      $0.negativesPerQuery = 3
    }
    #expect(result.rows() == [5, 4, 9])
    #expect(result.queries[0].negatives.map(\.isPositive) == [true, false, false])
    #expect(result.report.removed == [.positiveDuplicate: 1, .maximumScore: 1])
    #expect(result.report.negativeScores?.count == 2)
  }

  @Test("near copies of a positive, and of what was picked, are removed")
  func nearCopies() throws {
    // Directions of rows in degrees; the positive is row 0.
    let degrees: [Int: Double] = [0: 0, 7: 5, 3: 40, 5: 44, 4: 90, 9: 180, 2: 91]
    let embeddings = Matrix(
      (0..<100).map { row in
        let angle = (degrees[row] ?? 270) * .pi / 180
        return [Float(cos(angle)) * 3, Float(sin(angle)) * 3]
      })
    let result = try mine(
      [answers], positives: [[0]], ground: { $0.passageEmbeddings = embeddings }
    ) { $0.nearDuplicate = Float(cos(10 * Double.pi / 180)) }
    #expect(result.rows() == [3, 4, 9])
    #expect(result.report.removed == [.nearPositive: 1, .nearNegative: 2])
  }

  @Test("answers are dropped, or only counted", arguments: [true, false])
  func answers(drops: Bool) throws {
    let result = try mine(
      [answers, answers], positives: [[0], [0]],
      ground: { $0.holdsAnswer = { query, row in query == 1 ? nil : row == 7 || row == 4 } }
    ) {
      $0.dropsAnswers = drops
      $0.negativesPerQuery = 2
    }
    #expect(result.rows(0) == (drops ? [3, 5] : [7, 3]))
    #expect(result.rows(1) == [7, 3], "answers that are not known remove nothing")
    let counts = try #require(result.report.answers)
    #expect(counts.checked == (drops ? 3 : 2))
    #expect(counts.matched == 1)
    #expect(counts.keptMatched == (drops ? 0 : 1))
    #expect(result.report.falseNegativeRate == (drops ? 0 : 0.5))
    #expect(result.report.removed == (drops ? [.answer: 1] : [:]))
  }

  @Test("a second scorer's bounds are on its own scores, and of its own positives")
  func crossScores() throws {
    let scores: [Int: Float] = [0: 10, 1: 8, 7: 7.5, 3: 6, 5: -3, 4: 1, 9: 2]
    func rows(_ set: (inout MiningRules) -> Void) throws -> [Int] {
      try mine(
        [answers], positives: [[0, 1]],
        ground: { $0.crossScore = { query, row in query == "q0" ? scores[row] : nil } }, set
      ).rows()
    }
    #expect(try rows { $0.cross.absoluteMargin = 2 } == [3, 5, 4, 9, 2])
    #expect(try rows { ($0.cross.absoluteMargin, $0.marginAnchor) = (2, .bestPositive) }
      == [7, 3, 5, 4, 9])
    #expect(try rows { ($0.cross.absoluteMargin, $0.unscored) = (2, .drop) } == [3, 5, 4, 9])
    #expect(try rows { ($0.cross.minimumScore, $0.cross.maximumScore) = (0, 6) } == [3, 4, 9, 2])
    let kept = try mine(
      [answers], positives: [[0, 1]], ground: { $0.crossScore = { _, row in scores[row] } })
    #expect(kept.queries[0].negatives.map(\.crossScore) == [7.5, 6, -3, 1, 2])
  }

  @Test("without a scored positive, margins of the second scorer drop or keep as was said")
  func crossPositives() throws {
    for (policy, rows) in [(UnscoredPolicy.keep, [7, 3, 5, 4, 9]), (.drop, [])] {
      let result = try mine(
        [answers], positives: [[0]], ground: { $0.crossScore = { _, row in row == 0 ? nil : 1 } }
      ) { ($0.cross.relativeMargin, $0.unscored) = (0.1, policy) }
      #expect(result.rows() == rows)
    }
  }

  @Test("lexical negatives stand beside the index's, with their own ranks and inner products")
  func mixture() throws {
    let lexical = [(3, 21), (8, 20), (0, 19), (7, 18), (6, 17)].map {
      Neighbor(row: $0.0, score: Float($0.1))
    }
    let result = try mine(
      [answers], positives: [[0]], scores: [6: 0.25, 8: 0.75],
      ground: {
        $0.lexical = { queries, depth in
          #expect(queries == 0..<1 && depth == 50)
          return [lexical]
        }
      }
    ) {
      $0.negativesPerQuery = 3
      $0.lexicalNegatives = 2
      $0.maximumScore = 0.8
    }
    #expect(
      result.queries[0].negatives == [
        HardNegative(row: 3, rank: 1, score: 0.8), HardNegative(row: 5, rank: 2, score: 0.7),
        HardNegative(row: 4, rank: 3, score: 0.6),
        HardNegative(row: 8, rank: 1, score: 0.75, source: .bm25),
        HardNegative(row: 6, rank: 4, score: 0.25, source: .bm25),
      ])
    #expect(result.report.sources == [.dense: 3, .bm25: 2])
    // Row 3 was picked from the index; row 7 scores 1 here, above the most allowed.
    #expect(result.report.removed == [.maximumScore: 2, .repeated: 1, .positive: 1])
  }
}

/// What happens to a query with too few.
@Suite("shortage") struct ShortageTests {
  private let scripts: [[(Int, Float)]] = [[(1, 0.9), (2, 0.8)], [(1, 0.9), (2, 0.8), (3, 0.7)]]

  private func mined(_ policy: ShortagePolicy, passages: Int = 100) throws -> MiningResult {
    try mine(
      scripts, positives: [[0], [0]], texts: [0: "a", 4: "a", 5: "b", 6: "b"], passages: passages,
      ground: {
        $0.parameters.excludedRows = [7]
        $0.holdsAnswer = { _, row in row == 8 }
      }
    ) {
      $0.negativesPerQuery = 3
      $0.maximumScore = 0.85
      $0.shortage = policy
    }
  }

  @Test("fewer keeps what there is")
  func fewer() throws {
    let result = try mined(.fewer)
    #expect(result.rows(0) == [2] && result.rows(1) == [2, 3])
    #expect(result.report.queriesShort == 2 && result.report.missingNegatives == 3)
  }

  @Test("drop leaves the query out")
  func drop() throws {
    let result = try mined(.drop)
    #expect(result.queries.map(\.isDropped) == [true, true])
    #expect(result.report.queriesDropped == 2 && result.report.negatives == 0)
    #expect(result.report.queriesShort == 0)
  }

  @Test("fail names the query")
  func fail() throws {
    let error = try miningError { _ = try mined(.fail) }
    #expect(error.code == .tooFewNegatives)
    #expect(error.message.hasPrefix("query \"q0\": 1 of 3 negatives; "))
  }

  /// Of nine passages: 0 is the positive, 4 its copy, 1 was removed by a rule, 7 is excluded, 8
  /// holds the answer, and 5 and 6 are one text.
  @Test("random passages fill up, and none that is an answer or was removed")
  func fillRandom() throws {
    let result = try mined(.fillRandom, passages: 9)
    let negatives = result.queries[0].negatives
    #expect(negatives.map(\.source) == [.dense, .random, .random])
    #expect(negatives[0].row == 2)
    #expect(Set(negatives[1...].map(\.row)).isSubset(of: [3, 5, 6]))
    #expect(negatives[1...].allSatisfy { $0.rank == -1 && $0.score == 1 })
    #expect(negatives[1].row != negatives[2].row)
    #expect(Set(negatives[1...].map(\.row)) != [5, 6], "one text")
    #expect(result.report.sources == [.dense: 3, .random: 3])
    #expect(try mined(.fillRandom, passages: 9).queries == result.queries)
  }

  @Test("a collection too small stays short")
  func tooSmall() throws {
    let result = try mined(.fillRandom, passages: 5)
    #expect(result.rows(0).sorted() == [2, 3], "0 and 4 answer, 1 was removed")
    #expect(result.report.queriesShort == 2)
  }
}
