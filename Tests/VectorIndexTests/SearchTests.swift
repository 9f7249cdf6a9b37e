import Tensors
import Testing

@testable import VectorIndex

/// Every kind of recipe, with the share of the true ten neighbours it must find on the test data.
private let recipes: [(recipe: String, recallAt10: Double)] = [
  ("Flat", 1), ("HNSW16", 0.99), ("IVF16,Flat", 0.99), ("IVF16,PQ8", 0.57), ("IVF16,SQ8", 0.96),
  ("SQ8", 0.96), ("SQ6", 0.9), ("SQ4", 0.67), ("SQfp16", 0.99), ("PQ16", 0.74), ("PQ8x6", 0.38),
  ("HNSW16,SQ8", 0.96),
]

/// An index of each recipe without the vectors attached, so that FAISS itself answers.
private func faissAlone(_ recipe: String, _ vectors: Matrix) throws -> FaissIndex {
  let folder = try TemporaryFolder()
  let path = folder.path("x.faiss")
  try FaissIndex.build(.faiss(recipe), vectors: vectors, seed: 7).save(to: path)
  return try FaissIndex.load(from: path)
}

@Suite struct SearchTests {
  private static let vectors = clusteredVectors(2000)
  private static let queries = clusteredVectors(53, seed: 2)
  private static let truth = referenceTopK(queries, vectors, k: 10)

  @Test("each recipe finds the neighbours it should", arguments: recipes)
  func findsNeighbours(recipe: String, least: Double) throws {
    let index = try faissAlone(recipe, SearchTests.vectors)
    let found = try index.search(SearchTests.queries, k: 10)
    #expect(keepsPromises(found, k: 10, count: 2000))
    let share = recall(found, of: SearchTests.truth)
    #expect(share >= least, "recall@10 of \(recipe) is \(share)")
    #expect(index.recipe == recipe)
    #expect(index.count == 2000 && index.dimension == 32)
  }

  @Test("Flat in FAISS equals the dumb loop", arguments: [1, 2, 19, 20, 33], [1, 7, 500])
  func flatIsExact(queries n: Int, k: Int) throws {
    let vectors = clusteredVectors(301, dimension: 17)
    let queries = clusteredVectors(n, dimension: 17, seed: 3)
    let found = try faissAlone("Flat", vectors).search(queries, k: k)
    let truth = referenceTopK(queries, vectors, k: k)
    #expect(found.map { $0.map(\.row) } == truth.map { $0.map(\.row) })
    for (a, b) in zip(found.joined(), truth.joined()) { #expect(abs(a.score - b.score) < 2e-6) }
  }

  @Test("Flat with vectors at hand and ExactIndex equal the dumb loop", arguments: [1, 7, 500])
  func exactIsExact(k: Int) throws {
    let vectors = clusteredVectors(301, dimension: 17)
    let queries = clusteredVectors(70, dimension: 17, seed: 3)
    let truth = referenceTopK(queries, vectors, k: k).map { $0.map(\.row) }
    let flat = try FaissIndex.build(.automatic, vectors: vectors, seed: 0)
    #expect(flat.recipe == "Flat")
    #expect(try flat.search(queries, k: k).map { $0.map(\.row) } == truth)
    #expect(try ExactIndex(vectors).search(queries, k: k).map { $0.map(\.row) } == truth)
  }

  @Test(
    "re-ranking by the vectors scores exactly and finds more",
    arguments: ["SQ4", "PQ16", "IVF16,PQ8"])
  func reRanks(recipe: String) throws {
    let (vectors, queries, truth) = (SearchTests.vectors, SearchTests.queries, SearchTests.truth)
    let index = try FaissIndex.build(.faiss(recipe), vectors: vectors, seed: 7)
    let plain = try index.search(queries, k: 10)
    let ranked = try index.search(
      queries, k: 10, parameters: .init(exactReRank: true, probes: 16))
    #expect(keepsPromises(ranked, k: 10, count: 2000))
    #expect(recall(ranked, of: truth) > max(recall(plain, of: truth), 0.75))
    for (query, list) in ranked.enumerated() {
      for hit in list {
        let score = zip(queries.row(query), vectors.row(hit.row)).reduce(0) { $0 + $1.0 * $1.1 }
        #expect(abs(hit.score - score) < 1e-5)
      }
    }
  }

  @Test("re-ranking needs the vectors only where scores are not exact")
  func reRankNeedsVectors() throws {
    let vectors = clusteredVectors(300)
    let parameters = SearchParameters(exactReRank: true)
    let error = indexError {
      _ = try faissAlone("SQ8", vectors).search(vectors, k: 1, parameters: parameters)
    }
    #expect(error?.code == .invalidArgument)
    let found = try faissAlone("HNSW16", vectors).search(vectors, k: 1, parameters: parameters)
    #expect(keepsPromises(found, k: 1, count: 300))
  }

  @Test("k beyond the rows gives every row once", arguments: recipes.map(\.recipe))
  func kBeyondCount(recipe: String) throws {
    let vectors = clusteredVectors(300)
    let index = try faissAlone(recipe, vectors)
    for k in [300, 301, 5000, Int.max] {
      let found = try index.search(vectors[rows: 0..<3], k: k)
      #expect(keepsPromises(found, k: k, count: 300), "\(recipe), k \(k)")
    }
    let ranked = try FaissIndex.build(.faiss(recipe), vectors: vectors, seed: 0).search(
      vectors[rows: 0..<3], k: .max, parameters: .init(exactReRank: true))
    #expect(keepsPromises(ranked, k: .max, count: 300))
  }

  @Test("FAISS's padding (-1) is never a row: one probe of tiny lists", arguments: [1, 3, 40])
  func paddingNeverSurfaces(k: Int) throws {
    let vectors = clusteredVectors(64)
    for recipe in ["IVF64,Flat", "IVF64,SQ8"] {
      let found = try faissAlone(recipe, vectors).search(
        vectors, k: k, parameters: .init(probes: 1))
      #expect(keepsPromises(found, k: k, count: 64), "\(recipe)")
    }
    let narrow = try faissAlone("HNSW2", vectors).search(
      vectors, k: k, parameters: .init(efSearch: 1))
    #expect(keepsPromises(narrow, k: k, count: 64))
  }

  @Test("rows that no link of a graph leads to are found all the same")
  func unreachableRows() throws {
    let vectors = clusteredVectors(2000, clusters: 200, spread: 0.05)
    let found = try faissAlone("HNSW2", vectors).search(vectors[rows: 0..<3], k: 2000)
    #expect(keepsPromises(found, k: 2000, count: 2000))
  }

  @Test("an empty index answers with nothing", arguments: ["Flat", "HNSW16", "auto"])
  func emptyIndex(recipe: String) throws {
    let none = Matrix(rows: 0, columns: 32)
    let index = try FaissIndex.build(IndexRecipe(parsing: recipe), vectors: none, seed: 0)
    let queries = clusteredVectors(3)
    #expect(index.count == 0)
    #expect(try index.search(queries, k: 5) == [[], [], []])
    #expect(try index.search(none, k: 5) == [])
    let folder = try TemporaryFolder()
    try index.save(to: folder.path("e.faiss"))
    let loaded = try FaissIndex.load(from: folder.path("e.faiss"))
    #expect(try loaded.search(queries, k: 5) == [[], [], []])
    #expect(try ExactIndex(none).search(queries, k: 5) == [[], [], []])
  }

  @Test("no queries give no answers", arguments: ["Flat", "HNSW16", "IVF16,Flat", "PQ8x4"])
  func noQueries(recipe: String) throws {
    let index = try faissAlone(recipe, clusteredVectors(100))
    #expect(try index.search(Matrix(rows: 0, columns: 32), k: 3) == [])
  }

  @Test("a broader walk finds more: efSearch is honoured per call")
  func efSearchCounts() throws {
    let vectors = clusteredVectors(4000, dimension: 48, clusters: 3, spread: 0.6)
    let queries = clusteredVectors(60, dimension: 48, clusters: 3, spread: 0.6, seed: 2)
    let truth = referenceTopK(queries, vectors, k: 10)
    let index = try faissAlone("HNSW4", vectors)
    let shares = try [11, 64, 800].map { ef in
      recall(try index.search(queries, k: 10, parameters: .init(efSearch: ef)), of: truth)
    }
    #expect(shares[0] + 0.05 < shares[1] && shares[1] + 0.02 < shares[2], "\(shares)")
    // In FAISS 1.7.3 the call's efSearch alone would not get beyond the stored breadth of 16.
    #expect(shares[2] > 0.9)
  }

  @Test("more probes find more; all lists find all")
  func probesCount() throws {
    let vectors = clusteredVectors(2000, clusters: 3, spread: 0.6)
    let queries = clusteredVectors(60, clusters: 3, spread: 0.6, seed: 2)
    let truth = referenceTopK(queries, vectors, k: 10)
    let index = try faissAlone("IVF32,Flat", vectors)
    let shares = try [1, 4, 32].map { probes in
      recall(try index.search(queries, k: 10, parameters: .init(probes: probes)), of: truth)
    }
    #expect(shares[0] + 0.05 < shares[1] && shares[1] + 0.01 < shares[2] && shares[2] == 1)
    #expect(try index.search(queries, k: 10, parameters: .init(probes: 99)).count == 60)
  }
}

@Suite struct TieTests {
  /// 400 vectors of which every fourth is the same one.
  private static func withDuplicates() -> Matrix {
    var vectors = clusteredVectors(400)
    let same = vectors.row(0)
    for row in stride(from: 0, to: 400, by: 4) { vectors.setRow(row, to: same) }
    return vectors
  }

  @Test(
    "equal scores go to the lowest rows",
    arguments: ["Flat", "SQ8", "PQ8x4", "IVF16,Flat", "HNSW16"])
  func tiesByRow(recipe: String) throws {
    let vectors = TieTests.withDuplicates()
    let index = try faissAlone(recipe, vectors)
    for queries in [1, 25] {
      let query = vectors.gathering(Array(repeating: 0, count: queries))
      for k in [1, 3, 50, 100] {
        let found = try index.search(query, k: k)
        #expect(keepsPromises(found, k: k, count: 400))
        if recipe == "PQ8x4" { continue }  // other rows may share the code of the duplicates
        for list in found {
          #expect(list.map(\.row) == (0..<k).map { 4 * $0 }, "\(recipe), k \(k), \(queries)")
        }
      }
    }
  }

  @Test func exactIndexBreaksTiesByRow() throws {
    let vectors = TieTests.withDuplicates()
    let found = try ExactIndex(vectors).search(vectors[rows: 0..<1], k: 9)
    #expect(found[0].map(\.row) == (0..<9).map { 4 * $0 })
  }

  @Test("all rows alike", arguments: ["Flat", "HNSW8", "IVF4,Flat", "SQ8"])
  func allAlike(recipe: String) throws {
    let one = clusteredVectors(1)
    let vectors = one.gathering(Array(repeating: 0, count: 200))
    let found = try faissAlone(recipe, vectors).search(one, k: 7)
    #expect(found[0].map(\.row) == Array(0..<7))
  }
}

@Suite struct ExclusionTests {
  @Test(
    "excluded rows never surface, and k results come while k are allowed",
    arguments: recipes.map(\.recipe))
  func excludes(recipe: String) throws {
    let vectors = clusteredVectors(600)
    let queries = clusteredVectors(9, seed: 2)
    let index = try faissAlone(recipe, vectors)
    let patterns: [Set<Int>] = [
      [0], [599, 600, 9999], Set(0..<590), Set((0..<600).filter { $0 % 3 != 0 }),
      Set((0..<600).filter { $0 % 50 != 0 }), Set(0..<599), Set(0..<600), Set(0..<1000),
      Set(try index.search(queries, k: 100).joined().map(\.row)),
    ]
    for excluded in patterns {
      for k in [1, 10, 700] {
        let found = try index.search(
          queries, k: k, parameters: .init(probes: 1, excludedRows: RowSet(excluded)))
        #expect(
          keepsPromises(found, k: k, count: 600, excluding: excluded),
          "\(recipe), k \(k), \(excluded.count) excluded")
      }
    }
  }

  @Test("Flat with exclusions equals the dumb loop with them", arguments: [1, 40])
  func exactWithExclusions(n: Int) throws {
    let vectors = clusteredVectors(300)
    let queries = clusteredVectors(n, seed: 2)
    let excluded = Set((0..<300).filter { $0 % 7 < 4 })
    let truth = referenceTopK(queries, vectors, k: 20, excluding: excluded).map { $0.map(\.row) }
    let parameters = SearchParameters(excludedRows: RowSet(excluded))
    let indexes: [any VectorIndex] = [
      try faissAlone("Flat", vectors), try ExactIndex(vectors),
      try FaissIndex.build(.faiss("Flat"), vectors: vectors, seed: 0),
    ]
    for index in indexes {
      let found = try index.search(queries, k: 20, parameters: parameters)
      #expect(found.map { $0.map(\.row) } == truth)
    }
  }

  @Test("a filter that leaves few rows is answered exactly by a graph")
  func selectiveFilter() throws {
    let vectors = clusteredVectors(3000)
    let queries = clusteredVectors(10, seed: 2)
    let excluded = Set((0..<3000).filter { $0 % 30 != 0 })
    let truth = referenceTopK(queries, vectors, k: 10, excluding: excluded).map { $0.map(\.row) }
    let found = try faissAlone("HNSW8", vectors).search(
      queries, k: 10, parameters: .init(excludedRows: RowSet(excluded)))
    #expect(found.map { $0.map(\.row) } == truth)
  }
}
