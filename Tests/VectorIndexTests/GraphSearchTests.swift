import Tensors
import Testing

@testable import VectorIndex

/// Graphs with their vectors at hand: our own walk, which only begins beyond a few thousand rows.
@Suite("Walks over graphs")
struct GraphSearchTests {
  private static let vectors = clusteredVectors(12_000, dimension: 40, spread: 0.5)
  private static let queries = clusteredVectors(80, dimension: 40, spread: 0.5, seed: 2)
  private static let truth = referenceTopK(queries, vectors, k: 10)
  private static let index = Result {
    try FaissIndex.build(.faiss("HNSW16"), vectors: vectors, seed: 3)
  }

  private func index() throws -> FaissIndex { try Self.index.get() }

  @Test("scores are those of the vectors, and a broader walk finds more")
  func findsMore() throws {
    let shares = try [10, 30, 70].map { breadth in
      let found = try index().search(
        Self.queries, k: 10, parameters: .init(efSearch: breadth))
      #expect(keepsPromises(found, k: 10, count: 12_000))
      for (query, list) in found.enumerated() {
        for hit in list {
          let score = zip(Self.queries.row(query), Self.vectors.row(hit.row))
            .reduce(0) { $0 + $1.0 * $1.1 }
          #expect(abs(hit.score - score) < 1e-5)
        }
      }
      return recall(found, of: Self.truth)
    }
    #expect(shares[0] < shares[1] && shares[1] < shares[2] && shares[2] > 0.93, "shares \(shares)")
  }

  @Test("an answer depends on its query alone: not on the others, nor on threads")
  func aloneOrTogether() throws {
    let together = try index().search(Self.queries, k: 10, parameters: .init(threads: 2))
    for query in 0..<Self.queries.rows {
      let alone = try index().search(
        Self.queries[rows: query..<query + 1], k: 10, parameters: .init(threads: 1))
      #expect(alone[0] == together[query])
    }
  }

  @Test("what is stored and opened again answers alike, and is a quarter in memory")
  func opensAgain() throws {
    let folder = try TemporaryFolder()
    try index().save(to: folder.path("g.faiss"))
    let opened = try FaissIndex.load(from: folder.path("g.faiss"), vectors: Self.vectors)
    #expect(opened.isCoded && opened.recipe == "HNSW16")
    #expect(try opened.search(Self.queries, k: 10) == index().search(Self.queries, k: 10))
    // Without the vectors, FAISS answers from those in the file.
    let alone = try FaissIndex.load(from: folder.path("g.faiss"))
    #expect(!alone.isCoded)
    let found = try alone.search(Self.queries, k: 10, parameters: .init(efSearch: 70))
    #expect(recall(found, of: Self.truth) > 0.93)
  }

  @Test(
    "excluded rows never surface, and k come while k are allowed",
    arguments: [2, 3, 20, 300, 12_000])
  func excludes(one inEvery: Int) throws {
    let excluded = Set((0..<12_000).filter { $0 % inEvery != 0 })
    let truth = referenceTopK(Self.queries, Self.vectors, k: 10, excluding: excluded)
    let parameters = SearchParameters(efSearch: 30, excludedRows: RowSet(excluded))
    let found = try index().search(Self.queries, k: 10, parameters: parameters)
    #expect(keepsPromises(found, k: 10, count: 12_000, excluding: excluded))
    #expect(recall(found, of: truth) > 0.8)
    if inEvery >= 20 { #expect(found.map { $0.map(\.row) } == truth.map { $0.map(\.row) }) }
  }

  @Test("rows that are alike come in order of their rows", arguments: [1, 5, 40])
  func ties(k: Int) throws {
    var vectors = Self.vectors
    for row in stride(from: 7, to: 12_000, by: 400) { vectors.setRow(row, to: vectors.row(7)) }
    let index = try FaissIndex.build(.faiss("HNSW16"), vectors: vectors, seed: 3)
    let found = try index.search(vectors[rows: 7..<8], k: k, parameters: .init(efSearch: 16))
    let alike = (0..<min(k, 30)).map { 7 + 400 * $0 }
    #expect(found[0].prefix(30).map(\.row) == alike)
  }
}
