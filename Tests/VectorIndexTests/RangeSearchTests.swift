import Tensors
import Testing
import VectorIndex

/// All rows from a score on.
@Suite struct RangeSearchTests {
  private static let vectors = clusteredVectors(1500, dimension: 24)
  private static let queries = clusteredVectors(9, dimension: 24, seed: 2)
  private static let truth = referenceTopK(queries, vectors, k: 1500)

  /// Rows whose scores are not so near the bound that the order of a sum decides.
  private func expected(_ query: Int, _ least: Float, _ excluded: Set<Int>) -> (
    sure: [Int], possible: Set<Int>
  ) {
    let allowed = Self.truth[query].filter { !excluded.contains($0.row) }
    return (
      allowed.filter { $0.score > least + 1e-5 }.map(\.row),
      Set(allowed.filter { $0.score > least - 1e-5 }.map(\.row))
    )
  }

  private func isRight(
    _ found: [[Neighbor]], _ least: Float, excluding excluded: Set<Int> = [], finds share: Double = 1
  ) -> Bool {
    found.indices.allSatisfy { query in
      let (sure, possible) = expected(query, least, excluded)
      let rows = Set(found[query].map(\.row))
      let ordered = zip(found[query], found[query].dropFirst()).allSatisfy {
        Neighbor.precedes($0, $1)
      }
      return ordered && rows.count == found[query].count && rows.isSubset(of: possible)
        && found[query].allSatisfy { $0.score >= least }
        && Double(rows.intersection(sure).count) >= share * Double(sure.count)
    }
  }

  @Test(arguments: [-2, -0.1, 0.2, 0.6, 0.9, 2] as [Float])
  func exactOnesFindAllAndNothingElse(least: Float) throws {
    let exact = try ExactIndex(Self.vectors)
    let flat = try FaissIndex.build(.faiss("Flat"), vectors: Self.vectors, seed: 0)
    let living = LivingIndex(dimension: 24)
    for start in stride(from: 0, to: 1500, by: 400) {
      let rows = start..<min(start + 400, 1500)
      try living.upsert(rows: Array(rows), vectors: Self.vectors[rows: rows])
    }
    let extended = try ExtendedIndex(
      ExactIndex(Self.vectors[rows: 0..<1200]), changed: [3, 77], vectors: Self.vectors)
    for index in [exact, flat, living, extended] as [any VectorIndex] {
      // The first queries are compared with the vectors, later ones with codes first.
      for _ in 0..<2 {
        let found = try index.search(Self.queries, scoring: least)
        #expect(isRight(found, least), "\(type(of: index))")
      }
      let excluded = Set((0..<1500).filter { $0 % 3 == 0 })
      let left = try index.search(
        Self.queries, scoring: least, parameters: .init(excludedRows: RowSet(excluded)))
      #expect(isRight(left, least, excluding: excluded), "\(type(of: index))")
    }
  }

  @Test(arguments: ["HNSW16", "IVF8,Flat"], [0.2, 0.6, 0.9] as [Float])
  func approximateOnesFindMost(recipe: String, least: Float) throws {
    let index = try FaissIndex.build(.faiss(recipe), vectors: Self.vectors, seed: 0)
    let found = try index.search(
      Self.queries, scoring: least, parameters: .init(efSearch: 200, probes: 8))
    #expect(isRight(found, least, finds: 0.97))
    let all = try index.search(Self.queries, scoring: -2)
    #expect(all.allSatisfy { $0.count == 1500 })
  }

  @Test func badBoundsAndEmptyIndexes() throws {
    let exact = try ExactIndex(Self.vectors)
    let error = indexError { _ = try exact.search(Self.queries, scoring: .nan) }
    #expect(error?.code == .invalidArgument && error?.message.contains("NaN") == true)
    #expect(try LivingIndex(dimension: 24).search(Self.queries, scoring: -2).allSatisfy(\.isEmpty))
    #expect(try exact.search(Self.queries, scoring: .infinity).allSatisfy(\.isEmpty))
    #expect(try exact.search(Matrix(rows: 0, columns: 24), scoring: 0).isEmpty)
    #expect(indexError { _ = try exact.search(Matrix(rows: 1, columns: 3), scoring: 0) } != nil)
  }
}
