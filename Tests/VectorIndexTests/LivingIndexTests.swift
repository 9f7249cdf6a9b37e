import Synchronization
import Tensors
import TestSupport
import Testing

@testable import VectorIndex

/// What a living index must hold: rows and their vectors.
private struct Model {
  var vectors: [Int: [Float]] = [:]

  /// The answer of a loop over all rows, by rows.
  func best(_ query: [Float], k: Int, excluding excluded: RowSet = []) -> [Int] {
    vectors.filter { !excluded.contains($0.key) }
      .map { Neighbor(row: $0.key, score: dot(query, $0.value)) }
      .sorted(by: Neighbor.precedes).prefix(k).map(\.row)
  }

  private func dot(_ a: [Float], _ b: [Float]) -> Float {
    rowDots(Matrix([a]), Matrix([b]))[0]
  }
}

/// How many writers are at work.
private final class Writers: Sendable {
  private let number: Atomic<Int>
  init(_ number: Int) { self.number = Atomic(number) }
  var areAtWork: Bool { number.load(ordering: .sequentiallyConsistent) > 0 }
  func leave() { number.subtract(1, ordering: .sequentiallyConsistent) }
}

@Suite("Living index")
struct LivingIndexTests {
  private static let dimension = 24

  /// One change, made to both.
  private func change(_ index: LivingIndex, _ model: inout Model, _ random: inout RandomStream)
    throws
  {
    let number = 1 + Int(random.uniform() * 40)
    let rows = Array(Set((0..<number).map { _ in Int(random.uniform() * 600) })).sorted()
    if random.uniform() < 0.3 {
      let expected = rows.count { model.vectors.removeValue(forKey: $0) != nil }
      #expect(index.delete(rows: rows) == expected)
    } else {
      let vectors = Matrix.normal(rows.count, Self.dimension, seed: random.next())
      try index.upsert(rows: rows, vectors: vectors)
      for (i, row) in rows.enumerated() { model.vectors[row] = vectors.row(i) }
    }
  }

  private func compare(_ index: LivingIndex, _ model: Model, _ random: inout RandomStream) throws {
    let queries = Matrix.normal(3, Self.dimension, seed: random.next())
    let excluded = RowSet((0..<600).filter { _ in random.uniform() < 0.3 })
    for (k, excluded) in [(1, RowSet()), (7, excluded), (2000, excluded)] {
      let found = try index.search(queries, k: k, parameters: .init(excludedRows: excluded))
      for query in 0..<queries.rows {
        let expected = model.best(queries.row(query), k: k, excluding: excluded)
        #expect(found[query].map(\.row) == expected)
      }
    }
    #expect(index.count == model.vectors.count)
  }

  @Test("any sequence of changes answers as a loop over a table", arguments: 0..<6)
  func randomChanges(seed: Int) throws {
    var random = RandomStream(seed: UInt64(seed), stream: 5)
    let index = LivingIndex(dimension: Self.dimension, recipe: .faiss("HNSW8"))
    var model = Model()
    for step in 0..<60 {
      try change(index, &model, &random)
      if step % 17 == 16 { try index.compact() }
      if step % 4 == 0 { try compare(index, model, &random) }
    }
    try index.compact()
    #expect(index.deadShare == 0)
    try compare(index, model, &random)
  }

  @Test("what is not an upsert changes nothing")
  func refusals() throws {
    let index = LivingIndex(dimension: 3)
    try index.upsert(rows: [4], vectors: Matrix([[1, 0, 0]]))
    let wrong: [([Int], Matrix)] = [
      ([1], Matrix([[1, 2]])), ([1, 2], Matrix([[1, 2, 3]])), ([-1], Matrix([[1, 2, 3]])),
      ([5, 5], Matrix([[1, 2, 3], [3, 2, 1]])), ([6], Matrix([[1, .nan, 3]])),
    ]
    for (rows, vectors) in wrong {
      #expect(indexError { try index.upsert(rows: rows, vectors: vectors) }?.code == .invalidArgument)
    }
    #expect(try index.search(Matrix([[1, 1, 1]]), k: 5)[0].map(\.row) == [4])
    index.delete(rows: [4, 9])
    try index.compact()
    #expect(try index.search(Matrix([[1, 1, 1]]), k: 5) == [[]])
  }

  /// Writers own rows by remainder, so that each knows what its own rows are at any time; readers
  /// check what must hold whatever the others do.
  @Test("searches, upserts, deletions and compactions side by side")
  func concurrently() async throws {
    let index = LivingIndex(dimension: 8, recipe: .faiss("Flat"))
    // Rows 0 to 19 are never touched again: they must be found all the time.
    let fixed = Matrix.normal(20, 8, seed: 1)
    try index.upsert(rows: Array(0..<20), vectors: fixed)
    let writers = Writers(3)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for writer in 0..<3 {
        group.addTask {
          defer { writers.leave() }
          var random = RandomStream(seed: 9, stream: UInt64(writer))
          for step in 0..<120 {
            let rows = (0..<5).map { 20 + 3 * ((5 * step + $0) % 90) + writer }
            if step % 5 == 4 {
              index.delete(rows: rows)
            } else {
              try index.upsert(
                rows: rows, vectors: Matrix.normal(5, 8, seed: random.next()))
            }
            if writer == 0, step % 20 == 0 { try index.compact() }
          }
        }
      }
      group.addTask {
        var seed: UInt64 = 100
        while writers.areAtWork {
          let query = Matrix.normal(1, 8, seed: seed)
          seed += 1
          let found = try index.search(query, k: 400)[0]
          #expect(Set(found.map(\.row)).count == found.count, "a row twice")
          #expect(Set(0..<20).isSubset(of: found.map(\.row)), "a row that was there is missing")
          #expect(found == found.sorted(by: Neighbor.precedes))
          for hit in found where hit.row < 20 {
            #expect(hit.score == rowDots(query, fixed[rows: hit.row..<hit.row + 1])[0])
          }
        }
      }
      try await group.waitForAll()
    }
    try index.compact()
    #expect(index.deadShare == 0)
  }

  @Test("an index extended by changed and new rows answers as one built of all")
  func extended() throws {
    let before = clusteredVectors(700, dimension: 16)
    var now = Matrix.concatenatingRows([before, clusteredVectors(90, dimension: 16, seed: 5)])
    let changed = RowSet(stride(from: 3, to: 700, by: 50))
    for row in changed.rows { now.setRow(row, to: Matrix.normal(1, 16, seed: UInt64(row)).row(0)) }
    let base = try FaissIndex.build(.faiss("Flat"), vectors: before, seed: 0)
    let index = try ExtendedIndex(base, changed: changed, vectors: now)
    let queries = clusteredVectors(30, dimension: 16, seed: 8)
    #expect(index.count == 790 && index.tail.count == changed.count + 90)
    for excluded in [RowSet(), RowSet(0..<400), RowSet(650..<760)] {
      let parameters = SearchParameters(excludedRows: excluded)
      for k in [1, 10, 800] {
        #expect(
          try index.search(queries, k: k, parameters: parameters)
            == ExactIndex(now).search(queries, k: k, parameters: parameters))
      }
    }
    #expect(indexError { _ = try ExtendedIndex(base, changed: [], vectors: before[rows: 0..<5]) } != nil)
  }
}
