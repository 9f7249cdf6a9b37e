import TestSupport
import Testing

@testable import Tensors

/// Every way of scanning against sorting all scores of all rows.
@Suite("Exact scans")
struct ExactScanTests {
  /// The oracle: the scores of ``exactScore``, sorted.
  private func sortedScores(
    _ queries: Matrix, _ vectors: Matrix, excluding excluded: (Int) -> Bool = { _ in false }
  ) -> [[Neighbor]] {
    (0..<queries.rows).map { query in
      let repeated = queries.gathering([Int](repeating: query, count: vectors.rows))
      return rowDots(repeated, vectors).enumerated()
        .filter { !excluded($0.offset) }
        .map { Neighbor(row: $0.offset, score: $0.element) }
        .sorted(by: Neighbor.precedes)
    }
  }

  /// Rows of very different length, some zero, some twice, and elements far larger than others.
  private func awkward(_ rows: Int, _ columns: Int, seed: UInt64) -> Matrix {
    var vectors = Matrix.normal(rows, columns, seed: seed)
    vectors.scaleRows(by: (0..<rows).map { [0, 1, 1, 1, 30, 1e-3, 1][$0 % 7] })
    if columns > 3 {
      for row in stride(from: 0, to: rows, by: 3) { vectors[row, 2] *= 40 }
    }
    for row in stride(from: 5, to: rows, by: 11) { vectors.setRow(row, to: vectors.row(row - 5)) }
    return vectors
  }

  @Test(
    "equal sorting all scores, to the bit",
    arguments: [(1, 1, 1), (16, 3, 4), (17, 5, 7), (511, 64, 9), (513, 384, 50), (3001, 33, 101)],
    [1, 10, 4000])
  func search(shape: (rows: Int, columns: Int, queries: Int), k: Int) {
    let vectors = awkward(shape.rows, shape.columns, seed: UInt64(shape.rows))
    let queries = Matrix.normal(shape.queries, shape.columns, seed: 9)
    let expected = sortedScores(queries, vectors).map { Array($0.prefix(k)) }
    let coded = ExactScan(vectors)
    coded.prepare()
    #expect(coded.search(queries, k: k) == expected)
    #expect(coded.search(queries, k: k, threads: 1) == expected)
    let plain = PlainScan(vectors, k: min(k, vectors.rows), least: -.infinity, nil)
    #expect(plain.search(queries, threads: 2) == expected)
  }

  @Test("one query is answered alike before and after the vectors are coded")
  func becomesCoded() {
    let vectors = Matrix.normal(5000, 48, seed: 4)
    let query = Matrix.normal(1, 48, seed: 5)
    let scan = ExactScan(vectors)
    let answers = (0..<2 * ExactScan.scansBeforeCoding).map { _ in scan.search(query, k: 7) }
    #expect(Set(answers.map { $0[0].map(\.row) }).count == 1)
    #expect(answers.allSatisfy { $0 == answers[0] })
  }

  @Test("excluded rows stay out, and k still come back when k exist", arguments: [1, 60])
  func excluded(queryCount: Int) {
    let vectors = awkward(2000, 24, seed: 6), queries = Matrix.normal(queryCount, 24, seed: 7)
    let isOdd: @Sendable (Int) -> Bool = { $0 % 2 == 1 }
    let scan = ExactScan(vectors)
    scan.prepare()
    let expected = sortedScores(queries, vectors, excluding: isOdd)
    #expect(scan.search(queries, k: 9, excluding: isOdd) == expected.map { Array($0.prefix(9)) })
    #expect(scan.search(queries, k: 2000, excluding: isOdd) == expected)
  }

  @Test("a search by score finds all rows of that score or more", arguments: [false, true])
  func byScore(isCoded: Bool) {
    let vectors = awkward(3000, 40, seed: 8), queries = Matrix.normal(3, 40, seed: 9)
    let scan = ExactScan(vectors)
    if isCoded { scan.prepare() }
    let all = sortedScores(queries, vectors)
    // The score of a row that is found: it counts itself.
    let least = all[1][40].score
    let expected = all.map { $0.filter { $0.score >= least } }
    #expect(scan.search(queries, scoring: least) == expected)
    #expect(scan.search(queries, scoring: .infinity) == [[], [], []])
  }

  @Test("rows that are all alike come in order, however many they are")
  func alike() {
    let vectors = Matrix(
      rows: 10_000, columns: 12, elements: [Float](repeating: 0.3, count: 120_000))
    let queries = Matrix.normal(5, 12, seed: 1)
    for found in exactTopK(queries: queries, passages: vectors, k: 30) {
      #expect(found.map(\.row) == Array(0..<30))
    }
  }

  @Test("the bound holds for every pair, and is not vacuous")
  func bound() {
    let vectors = awkward(700, 96, seed: 3), queries = awkward(11, 96, seed: 4)
    let coded = CodedVectors(vectors), codes = CodedQueries(queries)
    let exact = sortedScores(queries, vectors)
    var scores = [Float](repeating: 0, count: queries.rows * CodedVectors.chunkRows)
    var tightest = Float.infinity
    for chunk in 0..<coded.chunks {
      codes.withKernelQueries { kernelQueries in
        scores.withUnsafeMutableBufferPointer {
          guard let out = $0.baseAddress else { return }
          coded.score(chunk, against: kernelQueries, into: out)
        }
      }
      for (query, sorted) in exact.enumerated() {
        for neighbor in sorted where coded.rows(ofChunk: chunk).contains(neighbor.row) {
          let place = neighbor.row - coded.rows(ofChunk: chunk).lowerBound
          let error = codes.bounds[query].error(coded.losses[neighbor.row])
          let difference = abs(scores[query * CodedVectors.chunkRows + place] - neighbor.score)
          #expect(difference <= error)
          if difference > 0 { tightest = min(tightest, error / difference) }
        }
      }
    }
    #expect(tightest < 20)
  }
}
