import Tensors
import TestSupport
import Testing

@Suite("Exact nearest neighbours")
struct TopKTests {
  private func reference(_ scores: [Float], _ k: Int) -> [Neighbor] {
    let all = scores.enumerated().map { Neighbor(row: $0.offset, score: $0.element) }
    return Array(all.sorted { ($1.score, $0.row) < ($0.score, $1.row) }.prefix(k))
  }

  @Test("equals sorting everything", arguments: [0, 1, 7, 100, 5000], [1, 3, 10, 6000])
  func sorted(n: Int, k: Int) {
    var random = RandomStream(seed: UInt64(n))
    // Rounded, so that equal scores are common.
    let scores = (0..<n).map { _ in Float((random.normal() * 4).rounded()) }
    #expect(topK(scores, k: k) == reference(scores, k))
  }

  @Test("equals the loop over all passages", arguments: [(1, 9000), (70, 300), (3, 1), (2, 0)])
  func search(queries: Int, passages: Int) {
    let (q, p) = (Matrix.normal(queries, 24, seed: 1), Matrix.normal(passages, 24, seed: 2))
    let scores = product(q, p, transposeB: true)
    let found = exactTopK(queries: q, passages: p, k: 5)
    #expect(found.count == queries)
    for (i, neighbors) in found.enumerated() {
      let expected = reference(scores.row(i), 5)
      #expect(neighbors.map(\.row) == expected.map(\.row))
    }
  }

  @Test("excluded rows are never found, and k still come back when k exist")
  func excluded() {
    let p = Matrix.normal(200, 8, seed: 3)
    let found = exactTopK(queries: p[rows: 0..<4], passages: p, k: 99) { $0 % 2 == 0 }
    #expect(found.allSatisfy { $0.count == 99 && $0.allSatisfy { $0.row % 2 == 1 } })
  }

  @Test("equal passages come in the order of their rows, across thread boundaries")
  func ties() {
    let p = Matrix(rows: 10_000, columns: 4, elements: [Float](repeating: 0.5, count: 40_000))
    let found = exactTopK(queries: p[rows: 0..<1], passages: p, k: 20)
    #expect(found[0].map(\.row) == Array(0..<20))
  }
}
