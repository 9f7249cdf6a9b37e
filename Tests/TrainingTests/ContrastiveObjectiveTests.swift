import Foundation
import Tensors
import TestSupport
import Testing

@testable import Training

@Suite("Contrastive objective of one group")
struct ContrastiveObjectiveTests {
  /// Rows, negatives, width, and the other positives of each row.
  static let cases: [(rows: Int, negatives: Int, width: Int, others: [[String]])] = [
    (1, 1, 1, [[]]), (2, 0, 3, [[], []]), (3, 0, 5, [["p1", "p2"], [], ["p0"]]),
    (5, 6, 7, [["n5"], [], ["p3", "p4", "n0"], [], []]),
    (7, 0, 33, Array(repeating: [], count: 7)), (67, 70, 4, Array(repeating: ["n3"], count: 67)),
  ]

  static func batch(_ rows: Int, negatives: Int, others: [[String]]) -> TrainingBatch {
    let pairs = (0..<rows).map {
      TrainingPair(queryID: "q", query: "", positiveID: "p\($0)", otherPositiveIDs: others[$0])
    }
    return TrainingBatch(
      pairs,
      negatives: (0..<rows).map { row in
        (0..<negatives).filter { $0 % rows == row }.map { "n\(($0 % rows) * negatives + $0)" }
      })
  }

  static func evaluate(
    _ queries: Matrix, _ columns: Matrix, _ batch: TrainingBatch, temperature: Double
  ) -> ContrastiveObjective.Result {
    var bank = MemoryBank(capacity: 0)
    return ContrastiveObjective(TrainingConfiguration(steps: 1, temperature: temperature))
      .evaluate(queries: queries, columns: columns, of: batch, weight: 1, bank: &bank)
  }

  /// The loss written down once more, in float64, from its definition.
  static func loss(
    _ queries: [Double], _ columns: [Double], width: Int, excluded: [[Int]], temperature: Double
  ) -> Double {
    let count = columns.count / width
    let losses = excluded.indices.map { row in
      let logits = (0..<count).map { column in
        (0..<width).reduce(0.0) { $0 + queries[row * width + $1] * columns[column * width + $1] }
          / temperature
      }
      let included = (0..<count).filter { !excluded[row].contains($0) }
      return log(included.reduce(0.0) { $0 + exp(logits[$1]) }) - logits[row]
    }
    return losses.reduce(0, +) / Double(losses.count)
  }

  @Test("loss and gradients against float64 central differences", arguments: cases)
  func differences(rows: Int, negatives: Int, width: Int, others: [[String]]) {
    let batch = Self.batch(rows, negatives: negatives, others: others)
    let queries = Matrix.normal(rows, width, seed: 1, scale: 0.4)
    let passages = Matrix.normal(batch.columns.count, width, seed: 2, scale: 0.4)
    let (q, c) = (queries.elements.map(Double.init), passages.elements.map(Double.init))
    let result = Self.evaluate(queries, passages, batch, temperature: 0.3)
    func loss(_ q: [Double], _ c: [Double]) -> Double {
      Self.loss(q, c, width: width, excluded: batch.excluded, temperature: 0.3)
    }
    #expect(abs(result.loss - loss(q, c)) < 1e-6 * max(1, loss(q, c)))
    let byQueries = centralDifferences(at: q) { loss($0, c) }
    let byColumns = centralDifferences(at: c) { loss(q, $0) }
    #expect(relativeError(result.queryGradient.elements, byQueries) < 2e-6)
    #expect(relativeError(result.columnGradient.elements, byColumns) < 2e-6)
  }

  @Test("a masked column gets no gradient from its row and does not count")
  func mask() {
    let queries = Matrix([[1, 0]])
    let passages = Matrix([[1, 0], [5, 0], [0, 1]])
    func evaluate(_ columns: [Int], _ ids: [String]) -> ContrastiveObjective.Result {
      let pair = TrainingPair(
        queryID: "q", query: "", positiveID: "p", otherPositiveIDs: ["known"])
      return Self.evaluate(
        queries, passages.gathering(columns), TrainingBatch([pair], negatives: [ids]),
        temperature: 1)
    }
    let masked = evaluate([0, 1, 2], ["known", "n"])
    let without = evaluate([0, 2], ["n"])
    let open = evaluate([0, 1, 2], ["m", "n"])
    #expect(masked.loss == without.loss)
    #expect(masked.columnGradient.row(1) == [0, 0])
    #expect(masked.accuracy == 1)
    #expect(open.loss > masked.loss + 3)
    #expect(open.accuracy == 0)
  }

  @Test("with the mask switched off, known positives are negatives")
  func maskOff() {
    var configuration = TrainingConfiguration(steps: 1, temperature: 0.1)
    configuration.masksFalseNegatives = false
    let batch = Self.batch(3, negatives: 0, others: [["p1", "p2"], [], ["p0"]])
    let (queries, columns) = (Matrix.normal(3, 5, seed: 1), Matrix.normal(3, 5, seed: 2))
    var bank = MemoryBank(capacity: 0)
    let open = ContrastiveObjective(configuration).evaluate(
      queries: queries, columns: columns, of: batch, weight: 1, bank: &bank)
    let none = Self.batch(3, negatives: 0, others: [[], [], []])
    let plain = Self.evaluate(queries, columns, none, temperature: 0.1)
    #expect(open.loss == plain.loss && open.columnGradient == plain.columnGradient)
    #expect(open.loss > Self.evaluate(queries, columns, batch, temperature: 0.1).loss)
  }

  @Test("column gradients of all columns cancel", arguments: cases)
  func gradientsCancel(rows: Int, negatives: Int, width: Int, others: [[String]]) {
    // Adding one vector to every column moves every logit of a row alike.
    let batch = Self.batch(rows, negatives: negatives, others: others)
    let result = Self.evaluate(
      .normal(rows, width, seed: 5), .normal(batch.columns.count, width, seed: 6), batch,
      temperature: 0.05)
    let sums = result.columnGradient.columnSums()
    #expect((sums.map(abs).max() ?? 1) < 1e-4)
  }

  @Test("logits far beyond what exp can hold")
  func extremes() {
    let batch = Self.batch(2, negatives: 0, others: [[], []])
    let result = Self.evaluate(
      Matrix([[1], [-1]]), Matrix([[-300], [300]]), batch, temperature: 0.05)
    #expect(abs(result.loss - 12000) < 1e-3)
    #expect(result.queryGradient.firstNonFinite() == nil)
    #expect(result.accuracy == 0)
  }

  @Test("a tie is not an answer found")
  func ties() {
    let batch = Self.batch(2, negatives: 0, others: [[], []])
    let result = Self.evaluate(Matrix([[1], [1]]), Matrix([[2], [2]]), batch, temperature: 1)
    #expect(result.accuracy == 0)
    #expect(abs(result.loss - log(2)) < 1e-7)
  }

  @Test("NaN begets NaN", arguments: [0, 1])
  func notANumber(place: Int) {
    let batch = Self.batch(2, negatives: 1, others: [[], []])
    var (queries, columns) = (Matrix.normal(2, 3, seed: 1), Matrix.normal(3, 3, seed: 2))
    if place == 0 { queries[1, 0] = .nan } else { columns[2, 1] = .nan }
    let result = Self.evaluate(queries, columns, batch, temperature: 0.1)
    #expect(result.loss.isNaN)
  }

  @Test("the weight is a factor on gradients, not on the loss")
  func weight() {
    let batch = Self.batch(3, negatives: 3, others: [[], [], []])
    let (queries, columns) = (Matrix.normal(3, 5, seed: 1), Matrix.normal(6, 5, seed: 2))
    let objective = ContrastiveObjective(TrainingConfiguration(steps: 1))
    var bank = MemoryBank(capacity: 0)
    let results = [1, 0.25].map {
      objective.evaluate(queries: queries, columns: columns, of: batch, weight: $0, bank: &bank)
    }
    #expect(results[0].loss == results[1].loss)
    let quarter = results[0].queryGradient.elements.map { $0 / 4 }
    #expect(largestDifference(results[1].queryGradient.elements, quarter) < 1e-7)
    #expect(results[1].queryGradient != results[0].queryGradient)
  }

  @Test("many rows in blocks: as one block of few columns gives it")
  func rowBlocks() {
    // More than 2²³ scores: several blocks of rows.
    let (rows, width) = (3001, 3)
    let batch = Self.batch(rows, negatives: 0, others: Array(repeating: [], count: rows))
    #expect(scoreRowRanges(rows: rows, columns: rows).count > 1)
    let queries = Matrix.normal(rows, width, seed: 1)
    let columns = Matrix.normal(rows, width, seed: 2)
    let result = Self.evaluate(queries, columns, batch, temperature: 0.5)
    let (q, c) = (queries.elements.map(Double.init), columns.elements.map(Double.init))
    let expected = Self.loss(q, c, width: width, excluded: batch.excluded, temperature: 0.5)
    #expect(abs(result.loss - expected) < 1e-6 * expected)
    // Row by row by the closed form, of the first and the last row.
    for row in [0, rows - 1] {
      let logits = (0..<rows).map { j in
        (0..<width).reduce(0.0) { $0 + q[row * width + $1] * c[j * width + $1] } / 0.5
      }
      let sum = logits.reduce(0) { $0 + exp($1) }
      let gradient = (0..<width).map { k in
        (logits.indices.reduce(-c[row * width + k]) {
          $0 + exp(logits[$1]) / sum * c[$1 * width + k]
        })
          / (0.5 * Double(rows))
      }
      #expect(relativeError(result.queryGradient.row(row), gradient) < 1e-5)
    }
  }
}
