import Foundation
import Mining
import Tensors
import Testing
import VectorIndex

/// An index that answers what the test wrote down, whatever the query: also what no sound index
/// would.
///
/// The first element of a query embedding is the number of the script it gets.
struct ScriptedIndex: VectorIndex {
  let scripts: [[Neighbor]]
  var dimension = 2
  let count = 1_000
  let recipe = "scripted"

  init(_ scripts: [[(Int, Float)]]) {
    self.scripts = scripts.map { $0.map { Neighbor(row: $0.0, score: $0.1) } }
  }

  func search(
    _ queries: Matrix, k: Int, parameters: SearchParameters
  ) throws(IndexError) -> [[Neighbor]] {
    (0..<queries.rows).map { Array(scripts[Int(queries[$0, 0])].prefix(k)) }
  }
}

/// Mines over a `ScriptedIndex`: query n, called "qn", has the positives `positives[n]`.
///
/// Every passage's embedding is (0, `positiveScore`) and every query's (n, 1), so a positive scores
/// `positiveScore`, but for those listed in `scores`.
func mine(
  _ scripts: [[(Int, Float)]], positives: [[Int]], positiveScore: Float = 1,
  scores: [Int: Float] = [:], texts: [Int: String] = [:], queryText: String? = "query text",
  ownRow: Int? = nil, passages: Int = 100, _ set: (inout MiningRules) -> Void = { _ in }
) throws -> MiningResult {
  try mine(
    scripts, positives: positives, positiveScore: positiveScore, scores: scores, texts: texts,
    queryText: queryText, ownRow: ownRow, passages: passages, ground: { _ in }, set)
}

/// The same over a ground that `change` has changed.
func mine(
  _ scripts: [[(Int, Float)]], positives: [[Int]], positiveScore: Float = 1,
  scores: [Int: Float] = [:], texts: [Int: String] = [:], queryText: String? = "query text",
  ownRow: Int? = nil, passages: Int = 100, ground change: (inout MiningGround) -> Void,
  _ set: (inout MiningRules) -> Void = { _ in }
) throws -> MiningResult {
  var rules = MiningRules()
  set(&rules)
  let queries = positives.indices.map {
    MiningQuery(
      id: "q\($0)", textKey: queryText.map(key), positives: positives[$0], ownRow: ownRow)
  }
  var ground = MiningGround(
    passageEmbeddings: Matrix((0..<passages).map { [0, scores[$0] ?? positiveScore] }),
    index: ScriptedIndex(scripts), identity: { texts[$0].map { PassageIdentity(key($0)) } })
  change(&ground)
  return try mineHardNegatives(
    queries: queries,
    embeddings: Matrix(
      rows: positives.count, columns: 2, elements: positives.indices.flatMap { [Float($0), 1] }),
    in: ground, rules: rules)
}

/// A key for a short text.
func key(_ text: String) -> TextKey {
  TextKey(
    high: UInt64(text.utf8.count),
    low: text.utf8.reduce(5381) { ($0 &* 33) &+ UInt64($1) })
}

extension MiningResult {
  /// The rows mined for query `n`.
  func rows(_ n: Int = 0) -> [Int] { queries[n].negatives.map(\.row) }
}

/// Rows of numbers in [-1, 1), the same for the same seed.
func randomMatrix(rows: Int, columns: Int, seed: UInt64) -> Matrix {
  var random = RandomStream(seed: seed)
  return Matrix(
    rows: rows, columns: columns,
    elements: (0..<rows * columns).map { _ in Float(random.uniform() * 2 - 1) })
}

/// The `MiningError` that `body` must throw.
func miningError(
  _ location: SourceLocation = #_sourceLocation, _ body: () throws -> Void
) throws -> MiningError {
  try #require(throws: MiningError.self, sourceLocation: location) { try body() }
}

/// A folder of its own for one test, removed afterwards.
func withTemporaryFolder<T>(_ body: (URL) throws -> T) throws -> T {
  let folder = FileManager.default.temporaryDirectory
    .appendingPathComponent("freshet-mining-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  return try body(folder)
}
