import Foundation
import Tensors
import TestSupport
import Testing

@testable import Training

@Suite("InfoNCE")
struct InfoNCETests {
  /// Rows, columns, width, and the masked columns of each row.
  static let cases: [(rows: Int, columns: Int, width: Int, excluded: [[Int]])] = [
    (1, 2, 1, [[]]), (2, 2, 3, [[], []]), (3, 3, 5, [[1, 2], [], [0]]),
    (5, 11, 7, [[10], [], [3, 4, 5], [], []]), (7, 7, 33, Array(repeating: [], count: 7)),
  ]

  /// The loss written down once more, in float64, from its definition.
  static func loss(
    _ queries: [Double], _ columns: [Double], width: Int, labels: [Int], excluded: [[Int]],
    temperature: Double
  ) -> Double {
    let count = columns.count / width
    let losses = labels.indices.map { row in
      let logits = (0..<count).map { column in
        (0..<width).reduce(0.0) { $0 + queries[row * width + $1] * columns[column * width + $1] }
          / temperature
      }
      let included = (0..<count).filter { !excluded[row].contains($0) }
      return log(included.reduce(0.0) { $0 + exp(logits[$1]) }) - logits[labels[row]]
    }
    return losses.reduce(0, +) / Double(losses.count)
  }

  @Test("loss and gradients against float64 central differences", arguments: cases)
  func differences(rows: Int, columns: Int, width: Int, excluded: [[Int]]) {
    let queries = Matrix.normal(rows, width, seed: 1, scale: 0.4)
    let passages = Matrix.normal(columns, width, seed: 2, scale: 0.4)
    let (q, c) = (queries.elements.map(Double.init), passages.elements.map(Double.init))
    let labels = Array(0..<rows)
    let result = InfoNCE(temperature: 0.3).evaluate(
      queries: queries, columns: passages, labels: labels, excluded: excluded)
    func loss(_ q: [Double], _ c: [Double]) -> Double {
      Self.loss(q, c, width: width, labels: labels, excluded: excluded, temperature: 0.3)
    }
    #expect(abs(result.loss - loss(q, c)) < 1e-6 * max(1, loss(q, c)))
    let byQueries = centralDifferences(at: q) { loss($0, c) }
    let byColumns = centralDifferences(at: c) { loss(q, $0) }
    #expect(relativeError(result.queryGradient.elements, byQueries) < 2e-6)
    #expect(relativeError(result.columnGradient.elements, byColumns) < 2e-6)
  }

  @Test("labels may be any column, and several rows may share one")
  func sharedLabels() {
    let (queries, passages) = (Matrix.normal(3, 4, seed: 3), Matrix.normal(4, 4, seed: 4))
    let (q, c) = (queries.elements.map(Double.init), passages.elements.map(Double.init))
    let (labels, excluded) = ([2, 0, 2], [[], [3], [0]])
    let result = InfoNCE(temperature: 1).evaluate(
      queries: queries, columns: passages, labels: labels, excluded: excluded)
    let byColumns = centralDifferences(at: c) {
      Self.loss(q, $0, width: 4, labels: labels, excluded: excluded, temperature: 1)
    }
    #expect(relativeError(result.columnGradient.elements, byColumns) < 2e-6)
  }

  @Test("a masked column gets no gradient from its row and does not count")
  func mask() {
    let queries = Matrix([[1, 0]])
    let passages = Matrix([[1, 0], [5, 0], [0, 1]])
    let loss = InfoNCE(temperature: 1)
    let masked = loss.evaluate(queries: queries, columns: passages, labels: [0], excluded: [[1]])
    let without = loss.evaluate(
      queries: queries, columns: passages.gathering([0, 2]), labels: [0], excluded: [[]])
    let open = loss.evaluate(queries: queries, columns: passages, labels: [0], excluded: [[]])
    #expect(masked.loss == without.loss)
    #expect(masked.columnGradient.row(1) == [0, 0])
    #expect(masked.accuracy == 1)
    #expect(open.loss > masked.loss + 3)
    #expect(open.accuracy == 0)
  }

  @Test("column gradients of all columns cancel", arguments: cases)
  func gradientsCancel(rows: Int, columns: Int, width: Int, excluded: [[Int]]) {
    // Adding one vector to every column moves every logit of a row alike.
    let result = InfoNCE(temperature: 0.05).evaluate(
      queries: .normal(rows, width, seed: 5), columns: .normal(columns, width, seed: 6),
      labels: Array(0..<rows), excluded: excluded)
    let sums = result.columnGradient.columnSums()
    #expect((sums.map(abs).max() ?? 1) < 1e-4)
  }

  @Test("logits far beyond what exp can hold")
  func extremes() {
    let queries = Matrix([[1], [-1]])
    let passages = Matrix([[-300], [300]])
    let result = InfoNCE(temperature: 0.05).evaluate(
      queries: queries, columns: passages, labels: [0, 1], excluded: [[], []])
    #expect(abs(result.loss - 12000) < 1e-3)
    #expect(result.queryGradient.firstNonFinite() == nil)
    #expect(result.accuracy == 0)
  }

  @Test("a tie is not an answer found")
  func ties() {
    let result = InfoNCE(temperature: 1).evaluate(
      queries: Matrix([[1], [1]]), columns: Matrix([[2], [2]]), labels: [0, 1],
      excluded: [[], []])
    #expect(result.accuracy == 0)
    #expect(abs(result.loss - log(2)) < 1e-7)
  }
}
