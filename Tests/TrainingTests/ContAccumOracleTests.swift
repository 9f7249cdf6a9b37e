import Foundation
import Tensors
import TestSupport
import Testing

@testable import Training

@Suite("What must hold of ContAccum")
struct ContAccumOracleTests {
  typealias Example = ContrastiveReference.Example

  static let settings: [(name: String, TrainingConfiguration)] = {
    func make(_ change: (inout TrainingConfiguration) -> Void) -> TrainingConfiguration {
      var configuration = TrainingConfiguration(steps: 1, temperature: 0.2)
      change(&configuration)
      return configuration
    }
    return [
      ("plain", make { _ in }), ("symmetric", make { $0.isSymmetric = true }),
      ("passages", make { $0.bankSides = .passages }),
      ("local rows", make { $0.normaliser = .localRows }),
      ("Matryoshka", make { $0.matryoshkaDimensions = [2, 3] }),
    ]
  }()

  /// All numbers of the examples, and the examples with other numbers.
  static func flattened(_ examples: [Example]) -> [Double] {
    examples.flatMap { $0.query + $0.positive + $0.negatives.flatMap { $0 } }
  }

  static func rebuilt(_ examples: [Example], from numbers: [Double]) -> [Example] {
    var rest = numbers[...]
    func take(_ count: Int) -> [Double] {
      defer { rest = rest.dropFirst(count) }
      return Array(rest.prefix(count))
    }
    return examples.map {
      var example = $0
      example.query = take($0.query.count)
      example.positive = take($0.positive.count)
      example.negatives = $0.negatives.map { take($0.count) }
      return example
    }
  }

  @Test("gradients against central differences of the loss", arguments: settings.map(\.name))
  func differences(name: String) throws {
    let configuration = try #require(Self.settings.first { $0.name == name }).1
    let reference = ContrastiveReference(configuration)
    let objective = ContrastiveObjective(configuration)
    var stream = ContrastiveStream(width: 4, negatives: 2, pool: 9, seed: 3)
    var bank = MemoryBank(capacity: 5)
    let old = (0..<3).map { _ in stream.group(of: 3) }
    for group in old { _ = MemoryBankTests.evaluate(objective, group, &bank) }
    let banked = Array(old.flatMap(\.examples).suffix(5))
    let group = stream.group(of: 3)
    let examples = group.examples
    let numeric = centralDifferences(at: Self.flattened(examples)) {
      reference.evaluate(Self.rebuilt(examples, from: $0), bank: banked).loss
    }
    let closed = reference.evaluate(examples, bank: banked).gradients.flattened
    #expect(relativeError(closed.map(Float.init), numeric) < 1e-6)
    let got = MemoryBankTests.evaluate(objective, group, &bank)
    #expect(relativeError(got.gradients(of: group.batch).flattened.map(Float.init), numeric) < 2e-6)
  }

  @Test("a bank that holds the rest of the batch: the whole batch's loss and gradients")
  func restOfTheBatch() {
    // Frozen embeddings of 24 examples in micro-batches of 6: once the bank is full of the others,
    // every micro-batch is the whole batch to its own rows.
    let (whole, part) = (24, 6)
    var stream = ContrastiveStream(width: 16, negatives: 0, pool: 90, seed: 5)
    let all = stream.group(of: whole)
    let ids = (0..<whole).map { ["h\($0)"] }
    let negatives = stream.group(of: whole).columns[rows: 0..<whole]
    func group(_ rows: Range<Int>) -> ContrastiveStream.Group {
      let pairs = rows.map {
        TrainingPair(
          queryID: "q", query: "", positiveID: all.batch.columns[$0],
          otherPositiveIDs: Array(all.batch.positives[$0].dropFirst()))
      }
      return ContrastiveStream.Group(
        batch: TrainingBatch(pairs, negatives: Array(ids[rows])),
        queries: all.queries[rows: rows],
        columns: .concatenatingRows([all.columns[rows: rows], negatives[rows: rows]]))
    }
    var none = MemoryBank(capacity: 0)
    let expected = MemoryBankTests.evaluate(
      MemoryBankTests.objective(0), group(0..<whole), &none)
    let objective = MemoryBankTests.objective(whole - part)
    var bank = MemoryBank(capacity: whole - part)
    var worst = 0.0
    for k in 0..<12 {
      let start = k * part % whole
      let got = MemoryBankTests.evaluate(objective, group(start..<start + part), &bank)
      guard k >= 3 else {
        #expect(abs(got.loss - expected.loss) > 1e-3)
        continue
      }
      #expect(abs(got.loss - expected.loss) < 1e-6 * expected.loss, "micro-batch \(k)")
      let rows = start..<start + part
      let queries = expected.queryGradient[rows: rows]
      let columns = Matrix.concatenatingRows([
        expected.columnGradient[rows: rows],
        expected.columnGradient[rows: whole + start..<whole + start + part],
      ])
      worst = max(
        worst, relativeError(got.queryGradient.elements, queries.elements.map(Double.init)),
        relativeError(got.columnGradient.elements, columns.elements.map(Double.init)))
    }
    #expect(worst < 5e-6)
  }

  @Test("a large group and a bank of several blocks of rows: as one batch")
  func largeGroup() {
    let (old, new, width) = (300, 3000, 3)
    let queries = Matrix.normal(old + new, width, seed: 1)
    let positives = Matrix.normal(old + new, width, seed: 2)
    let negatives = Matrix.normal(new / 2, width, seed: 3)
    func group(_ rows: Range<Int>, negatives: Matrix) -> ContrastiveStream.Group {
      let pairs = rows.map { TrainingPair(queryID: "q", query: "", positiveID: "p\($0)") }
      let ids = rows.map { row in
        row >= old && row < old + negatives.rows ? ["n\(row)"] : []
      }
      return ContrastiveStream.Group(
        batch: TrainingBatch(pairs, negatives: ids), queries: queries[rows: rows],
        columns: .concatenatingRows([positives[rows: rows], negatives]))
    }
    var (none, bank) = (MemoryBank(capacity: 0), MemoryBank(capacity: 500))
    let whole = MemoryBankTests.evaluate(
      MemoryBankTests.objective(0), group(0..<old + new, negatives: negatives), &none)
    let objective = MemoryBankTests.objective(500)
    _ = MemoryBankTests.evaluate(
      objective, group(0..<old, negatives: Matrix(rows: 0, columns: width)), &bank)
    let part = MemoryBankTests.evaluate(
      objective, group(old..<old + new, negatives: negatives), &bank)
    #expect(abs(part.loss - whole.loss) < 1e-6 * whole.loss)
    let columns = whole.columnGradient[rows: old..<whole.columnGradient.rows]
    #expect(
      relativeError(
        part.queryGradient.elements,
        whole.queryGradient[rows: old..<old + new].elements.map(Double.init)) < 1e-5)
    #expect(
      relativeError(
        part.columnGradient.elements, columns.elements.map(Double.init)) < 1e-5)
  }

  @Test("over all columns, the bank's included, the gradient sums to zero", arguments: [0, 2])
  func sumOverAllColumns(negatives: Int) {
    // The same vector added to every column leaves the loss as it is. The engine has the part of
    // the group's columns; that of the bank's is a difference of the loss.
    let configuration = Self.settings[0].1
    let (reference, objective) = (
      ContrastiveReference(configuration), ContrastiveObjective(configuration)
    )
    var stream = ContrastiveStream(width: 5, negatives: negatives, pool: 30, seed: 8)
    var bank = MemoryBank(capacity: 10)
    let old = (0..<4).map { _ in stream.group(of: 4) }
    for group in old { _ = MemoryBankTests.evaluate(objective, group, &bank) }
    let banked = Array(old.flatMap(\.examples).suffix(10))
    let group = stream.group(of: 4)
    let got = MemoryBankTests.evaluate(objective, group, &bank).columnGradient.columnSums()
    let bankPart = centralDifferences(at: .zeros(5)) { shift in
      let moved = banked.map { example in
        var example = example
        example.positive.add(shift, 1)
        for i in example.negatives.indices { example.negatives[i].add(shift, 1) }
        return example
      }
      return reference.evaluate(group.examples, bank: moved).loss
    }
    #expect(largestDifference(got, bankPart.map { Float(-$0) }) < 1e-6)
    #expect((got.map(abs).max() ?? 0) > 1e-3)
  }

  @Test("a mask changes the loss only where a passage comes again", arguments: [true, false])
  func falseNegatives(comesAgain: Bool) {
    func pair(_ id: String, _ others: [String] = []) -> TrainingPair {
      TrainingPair(queryID: "q", query: "", positiveID: id, otherPositiveIDs: others)
    }
    let ids = comesAgain ? ["a", "b"] : ["x", "y"]
    let first = TrainingBatch([pair("a"), pair("b")], negatives: [["c"], []])
    // "a" comes again as a positive, "c" is known to answer the second query, "b" is a negative.
    let second = TrainingBatch(
      [pair(ids[0]), pair("d", comesAgain ? ["c"] : [])], negatives: [[ids[1]], []])
    let losses = [true, false].map { masks in
      let objective = MemoryBankTests.objective(4) { $0.masksFalseNegatives = masks }
      var bank = MemoryBank(capacity: 4)
      return [first, second].map { batch in
        var (queries, columns) = (
          Matrix.normal(2, 4, seed: 1), Matrix.normal(3, 4, seed: UInt64(batch.rows))
        )
        queries.normalizeRows()
        columns.normalizeRows()
        return objective.evaluate(
          queries: queries, columns: columns, of: batch, weight: 1, bank: &bank
        ).loss
      }
    }
    #expect(losses[0][0] == losses[1][0])
    #expect((losses[0][1] == losses[1][1]) == !comesAgain)
    #expect(losses[0][1] <= losses[1][1])
  }

  @Test("the bank's mass and the group's make one")
  func mass() {
    let objective = MemoryBankTests.objective(24) { $0.temperature = 1 }
    var stream = ContrastiveStream(negatives: 0, pool: 1000)
    var bank = MemoryBank(capacity: 24)
    var mass: [Double] = []
    for _ in 0..<6 {
      mass = MemoryBankTests.evaluate(objective, stream.group(of: 8), &bank).massByAge
    }
    // At τ = 1 unit vectors share almost evenly: four groups, three of them in the bank.
    #expect(mass.count == 3 && mass.allSatisfy { abs($0 - 0.25) < 0.05 }, "\(mass)")
  }
}
