import Foundation
import Tensors
import Testing

@testable import VectorIndex

@Suite struct BuildTests {
  private func bytes(_ index: FaissIndex) throws -> Data {
    let folder = try TemporaryFolder()
    try index.save(to: folder.path("x"))
    return try Data(contentsOf: URL(fileURLWithPath: folder.path("x")))
  }

  @Test(
    "the same seed builds the same bytes",
    arguments: ["Flat", "HNSW16", "IVF16,Flat", "IVF16,PQ8", "PQ8"])
  func repeatable(recipe: String) throws {
    let vectors = clusteredVectors(3000)
    let first = try bytes(.build(.faiss(recipe), vectors: vectors, seed: 3))
    #expect(try bytes(.build(.faiss(recipe), vectors: vectors, seed: 3)) == first)
    if recipe != "Flat" {
      #expect(try bytes(.build(.faiss(recipe), vectors: vectors, seed: 4)) != first)
    }
  }

  @Test(arguments: [-1, Int.min, Int.max, Int(Int32.max) + 1])
  func anySeedWillDo(_ seed: Int) throws {
    let index = try FaissIndex.build(.faiss("IVF4,Flat"), vectors: clusteredVectors(50), seed: seed)
    #expect(index.count == 50)
  }

  @Test("progress rises from 0 to 1", arguments: ["Flat", "IVF16,PQ8", "HNSW8"])
  func progress(recipe: String) throws {
    var shares: [Double] = []
    _ = try FaissIndex.build(.faiss(recipe), vectors: clusteredVectors(5000), seed: 0) {
      shares.append($0)
    }
    #expect(shares.first == 0 && shares.last == 1 && shares == shares.sorted() && shares.count >= 3)
  }

  @Test("several threads build a graph that finds as much")
  func parallelGraph() throws {
    let vectors = clusteredVectors(2000)
    let queries = clusteredVectors(30, seed: 2)
    let index = try FaissIndex.build(.faiss("HNSW16"), vectors: vectors, seed: 0, threads: 2)
    let truth = referenceTopK(queries, vectors, k: 10)
    #expect(recall(try index.search(queries, k: 10), of: truth) >= 0.97)
  }

  @Test("NaN, infinity and absurd numbers are refused naming the row", arguments: [
    Float.nan, .infinity, -.infinity, 1e20, -1e16,
  ])
  func refusesUnusable(_ value: Float) throws {
    for (row, column) in [(0, 0), (57, 31), (299, 5)] {
      var vectors = clusteredVectors(300)
      vectors[row, column] = value
      for body in [
        { _ = try FaissIndex.build(.automatic, vectors: vectors, seed: 0) },
        { _ = try FaissIndex.build(.faiss("IVF4,Flat"), vectors: vectors, seed: 0) },
        { _ = try ExactIndex(vectors) },
      ] {
        let error = indexError(body)
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.contains("vector \(row) has") == true)
        #expect(error?.message.contains("position \(column)") == true)
      }
    }
  }

  @Test func refusesBadQueries() throws {
    let vectors = clusteredVectors(300)
    let indexes: [any VectorIndex] = [
      try ExactIndex(vectors), try FaissIndex.build(.automatic, vectors: vectors, seed: 0),
      try FaissIndex.build(.faiss("HNSW8"), vectors: vectors, seed: 0),
    ]
    for index in indexes {
      var bad = clusteredVectors(4)
      bad[3, 7] = .nan
      let nan = indexError { _ = try index.search(bad, k: 1) }
      #expect(nan?.code == .invalidArgument && nan?.message.contains("query 3") == true)
      let narrow = indexError { _ = try index.search(clusteredVectors(1, dimension: 31), k: 1) }
      #expect(narrow?.code == .invalidArgument && narrow?.message.contains("31") == true)
      for k in [0, -1, Int.min] {
        let error = indexError { _ = try index.search(clusteredVectors(1), k: k) }
        #expect(error?.code == .invalidArgument && error?.message.contains("\(k)") == true)
      }
      for parameters in [
        SearchParameters(efSearch: 0), SearchParameters(probes: -3), SearchParameters(threads: 0),
        SearchParameters(efSearch: .max),
      ] {
        let error = indexError {
          _ = try index.search(clusteredVectors(1), k: 1, parameters: parameters)
        }
        #expect(error?.code == .invalidArgument)
      }
    }
  }

  @Test func refusesVectorsWithoutDimensions() {
    let none = indexError {
      _ = try FaissIndex.build(.automatic, vectors: Matrix(rows: 3, columns: 0), seed: 0)
    }
    #expect(none?.code == .invalidArgument)
    let threads = indexError {
      _ = try FaissIndex.build(.automatic, vectors: clusteredVectors(3), seed: 0, threads: 0)
    }
    #expect(threads?.code == .invalidArgument)
  }

  @Test(
    "several threads may search one index with different parameters",
    arguments: ["HNSW16", "IVF16,Flat", "SQ8", "Flat"])
  func concurrentSearches(recipe: String) async throws {
    let vectors = clusteredVectors(1500)
    let folder = try TemporaryFolder()
    try FaissIndex.build(.faiss(recipe), vectors: vectors, seed: 0).save(to: folder.path("x"))
    let index = try FaissIndex.load(from: folder.path("x"))
    let queries = clusteredVectors(40, seed: 2)
    let variants = (0..<8).map { i in
      SearchParameters(
        efSearch: 16 << (i % 4), probes: 1 + i,
        excludedRows: RowSet(stride(from: i, to: 1500, by: 9)), threads: 1 + i % 2)
    }
    let alone = try variants.map { try index.search(queries, k: 10, parameters: $0) }
    try await withThrowingTaskGroup(of: (Int, [[Neighbor]]).self) { group in
      for round in 0..<32 {
        let parameters = variants[round % 8]
        group.addTask { (round % 8, try index.search(queries, k: 10, parameters: parameters)) }
      }
      for try await (variant, found) in group { #expect(found == alone[variant]) }
    }
  }
}
