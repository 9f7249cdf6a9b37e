import Foundation
import Mining
import Tensors
import Testing

/// One test per trap that miners have fallen into.
@Suite("rules") struct RuleTests {
  private let answers: [(Int, Float)] = [
    (7, 0.9), (3, 0.8), (5, 0.7), (4, 0.6), (9, 0.5), (2, 0.4),
  ]

  @Test("positives are never mined, and ranks count them")
  func positivesOut() throws {
    let result = try mine([answers], positives: [[7, 5]])
    #expect(
      result.queries[0].negatives == [
        HardNegative(row: 3, rank: 1, score: 0.8), HardNegative(row: 4, rank: 3, score: 0.6),
        HardNegative(row: 9, rank: 4, score: 0.5), HardNegative(row: 2, rank: 5, score: 0.4),
      ])
    #expect(result.queries[0].positiveScores == [1, 1])
    #expect(result.report.removed == [.positive: 2])
  }

  @Test(
    "the rank range is on the index's ranks, not on what rules left",
    arguments: [
      (0..<2, [3]), (1..<4, [3, 5, 4]), (2..<6, [5, 4, 9, 2]), (5..<50, [2]), (6..<9, []),
      (0..<1, []),
    ])
  func rankRange(range: Range<Int>, rows: [Int]) throws {
    #expect(try mine([answers], positives: [[7]]) { $0.rankRange = range }.rows() == rows)
  }

  @Test("the index's padding is never an id")
  func padding() throws {
    let padded = [(8, 0.9), (-1, -.infinity), (100, 0.5), (6, 0.4), (-1, .nan)] as [(Int, Float)]
    let result = try mine([padded], positives: [[1]])
    #expect(result.rows() == [8, 6])
    #expect(result.report.removed == [.notAPassage: 3])
  }

  @Test("passages with a positive's text are not negatives")
  func positiveDuplicates() throws {
    let result = try mine(
      [answers], positives: [[1]], texts: [1: "same", 3: "same", 5: "other"])
    #expect(result.rows() == [7, 5, 4, 9, 2])
    #expect(result.report.removed == [.positiveDuplicate: 1])
  }

  @Test("texts that are not known are not duplicates of each other")
  func unknownTexts() throws {
    let result = try mine(
      [answers], positives: [[1]], texts: [:], queryText: nil)
    #expect(result.rows() == [7, 3, 5, 4, 9])
    #expect(result.report.removed.isEmpty)
  }

  @Test("a query is not its own negative, by text or by row")
  func ownText() throws {
    let result = try mine([answers], positives: [[1]], texts: [7: "query text"], ownRow: 4)
    #expect(result.rows() == [3, 5, 9, 2])
    #expect(result.report.removed == [.ownText: 2])
  }

  @Test("the same passage or text is mined once")
  func repeated() throws {
    let twice = answers + [(3, 0.3), (11, 0.2)]
    let result = try mine([twice], positives: [[1]], texts: [5: "x", 11: "x"]) {
      $0.negativesPerQuery = 50
    }
    #expect(result.rows() == [7, 3, 5, 4, 9, 2])
    #expect(result.report.removed == [.repeated: 2])
  }

  @Test("score bounds keep what lies on them")
  func scoreBounds() throws {
    let result = try mine([answers], positives: [[1]]) {
      ($0.minimumScore, $0.maximumScore) = (0.5, 0.8)
    }
    #expect(result.rows() == [3, 5, 4, 9])
    #expect(result.report.removed == [.minimumScore: 1, .maximumScore: 1])
  }

  @Test("the absolute margin is below the lowest positive")
  func absoluteMargin() throws {
    let result = try mine([answers], positives: [[0, 1]], scores: [0: 0.95, 1: 0.75]) {
      $0.absoluteMargin = 0.25
    }
    #expect(result.rows() == [9, 2])
    #expect(result.report.removed == [.absoluteMargin: 4])
  }

  @Test(
    "the relative margin lies below the positive whatever its sign",
    arguments: [
      (0.8, [5, 4, 9, 2]),  // 0.8 - 0.08
      (0, []),
      (-0.5, []),
    ] as [(Float, [Int])])
  func relativeMargin(positive: Float, rows: [Int]) throws {
    let result = try mine([answers], positives: [[0]], positiveScore: positive) {
      $0.relativeMargin = 0.1
    }
    #expect(result.rows() == rows)
  }

  /// With p · (1 - margin) the bound would be -0.45, above the positive, and row 4 would be kept.
  @Test("with negative scores too")
  func relativeMarginBelowZero() throws {
    let negative = [(4, -0.47), (6, -0.53), (8, -0.56), (9, -0.9)] as [(Int, Float)]
    let result = try mine([negative], positives: [[0]], positiveScore: -0.5) {
      $0.relativeMargin = 0.1
    }
    #expect(result.rows() == [8, 9])
    #expect(result.report.removed == [.relativeMargin: 2])
  }

  @Test("a query without positives gets no negatives and is counted apart")
  func withoutPositives() throws {
    let result = try mine([answers, answers], positives: [[], [7]]) { $0.negativesPerQuery = 7 }
    #expect(result.rows(0) == [])
    #expect(result.rows(1) == [3, 5, 4, 9, 2])
    #expect(result.report.queries == 2)
    #expect(result.report.queriesWithoutPositives == 1)
    #expect(result.report.queriesShort == 1)
    #expect(result.report.missingNegatives == 2)
  }

  @Test("the report adds up")
  func report() throws {
    let report = try mine([answers], positives: [[7]]) { $0.maximumScore = 0.75 }.report
    #expect(report.candidates == 6)
    #expect(report.negatives == 4)
    #expect(report.share(removedBy: .positive) == 1.0 / 6)
    #expect(report.share(removedBy: .repeated) == 0)
    #expect(report.negativeScores?.minimum == 0.4)
    #expect(report.negativeScores?.histogram == [1, 0, 0, 1, 0, 0, 1, 0, 0, 1])
    #expect(abs((report.negativeScores?.median ?? 0) - 0.6) < 0.001)
    #expect(abs((report.negativeScores?.mean ?? 0) - 0.55) < 1e-6)
    #expect(report.negativeScores?.maximum == 0.7)
    #expect(report.positiveScores?.median == 1)
    let back = try JSONDecoder().decode(MiningReport.self, from: JSONEncoder().encode(report))
    #expect(back == report)
    #expect(
      String(decoding: try JSONEncoder().encode(report), as: UTF8.self).contains("\"positive\":1"))
    #expect(report.sources == [.dense: 4])
    #expect(report.falseNegativeRate == nil, "no answers were given")
  }

  @Test("no queries, no negatives")
  func nothing() throws {
    let result = try mine([], positives: [])
    #expect(result.queries.isEmpty)
    #expect(result.report == (try mine([], positives: [])).report)
    #expect(result.report.share(removedBy: .positive) == 0)
    #expect(result.report.negativeScores == nil)
  }
}

@Suite("refusals") struct RefusalTests {
  private typealias Change = @Sendable (inout MiningRules) -> Void
  private static let changes: [(Change, String)] = [
    ({ $0.rankRange = 3..<3 }, "rankRange 3..<3 holds no rank"),
    ({ $0.lexicalRankRange = 0..<0 }, "lexicalRankRange 0..<0 holds no rank"),
    ({ $0.nearDuplicate = 2 }, "nearDuplicate is a cosine above -1 and at most 1, was 2.0"),
    ({ $0.cross.maximumScore = .infinity }, "cross maximumScore must be a finite number, was inf"),
    ({ $0.lexicalNegatives = 1 }, "lexicalNegatives needs a lexical search, there is none"),
    ({ $0.rankRange = -1..<3 }, "rankRange -1..<3 holds no rank"),
    ({ $0.negativesPerQuery = 0 }, "negativesPerQuery must be at least 1, was 0"),
    ({ $0.absoluteMargin = .nan }, "absoluteMargin must be a finite number, was nan"),
    ({ ($0.minimumScore, $0.maximumScore) = (1, 0) }, "minimumScore 1.0 is above maximumScore 0.0"),
    (
      { $0.sampling = .softmax(temperature: 0) },
      "the softmax temperature must be positive, was 0.0"
    ),
  ]

  @Test("rules that cannot be followed are named", arguments: changes.indices)
  func rules(number: Int) throws {
    let (set, message) = Self.changes[number]
    let error = try miningError { _ = try mine([[]], positives: [[0]], set) }
    #expect(error == MiningError(.invalidArgument, "mining rules: " + message))
  }

  @Test("rows and dimensions that do not fit are named")
  func extents() throws {
    let positive = try miningError { _ = try mine([[]], positives: [[100]]) }
    #expect(positive.message == "query \"q0\": positive row 100 of 100 passages")
    #expect(try miningError { _ = try mine([[]], positives: [[-1]]) }.code == .invalidArgument)
    func mineOne(dimension: Int) throws {
      _ = try mineHardNegatives(
        queries: [MiningQuery(id: "q", positives: [])],
        embeddings: Matrix(rows: 1, columns: dimension),
        in: MiningGround(
          passageEmbeddings: Matrix(rows: 1, columns: 2), index: ScriptedIndex([[]])))
    }
    try mineOne(dimension: 2)
    #expect(
      try miningError { try mineOne(dimension: 3) }.message
        == "query embeddings have 3 dimensions, the index has 2")
    let narrow = try miningError {
      _ = try HardNegativeMiner(
        in: MiningGround(
          passageEmbeddings: Matrix(rows: 1, columns: 5), index: ScriptedIndex([[]])))
    }
    #expect(narrow.message == "passage embeddings have 5 dimensions, the index has 2")
  }

  @Test("what is not finite is named", arguments: [Float.nan, .infinity])
  func notFinite(value: Float) throws {
    let answered = try miningError { _ = try mine([[(3, value)]], positives: [[0]]) }
    #expect(answered.code == .notFinite)
    let positive = try miningError { _ = try mine([[]], positives: [[0, 4]], scores: [4: value]) }
    #expect(positive.message.contains("its positive, row 4, is not finite"))
    let query = try miningError {
      _ = try mineHardNegatives(
        queries: ["good", "bad"].map { MiningQuery(id: $0, positives: []) },
        embeddings: Matrix([[0, 0], [0, value]]),
        in: MiningGround(
          passageEmbeddings: Matrix(rows: 1, columns: 2), index: ScriptedIndex([[], []])))
    }
    #expect(query.message == "query \"bad\": its embedding is not finite; encode it again")
  }

  @Test("errors of the caller's lookup pass through")
  func lookupErrors() throws {
    struct Lost: Error {}
    #expect(throws: Lost.self) {
      try mine([[(0, 1)]], positives: [[0]], ground: { $0.identity = { _ in throw Lost() } })
    }
  }
}
