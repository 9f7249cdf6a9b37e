import Foundation
import Tensors
import TestSupport
import Testing

@testable import Training

@Suite("Memory bank")
struct MemoryBankTests {
  static func objective(
    _ capacity: Int, _ change: (inout TrainingConfiguration) -> Void = { _ in }
  ) -> ContrastiveObjective {
    var configuration = TrainingConfiguration(steps: 1, bankSize: capacity)
    change(&configuration)
    return ContrastiveObjective(configuration)
  }

  /// Evaluates a group with weight 1.
  static func evaluate(
    _ objective: ContrastiveObjective, _ group: ContrastiveStream.Group, _ bank: inout MemoryBank
  ) -> ContrastiveObjective.Result {
    objective.evaluate(
      queries: group.queries, columns: group.columns, of: group.batch, weight: 1, bank: &bank)
  }

  static let sizes: [(capacity: Int, sizes: [Int])] = [
    (1, [1]), (7, [1]), (8, [8]), (24, [8]), (10, [4]), (5, [12]), (16, [4, 4, 4, 3]),
    (13, [2, 7, 1, 20, 5]),
  ]

  @Test("the last min(n, M) examples, each whole in its slot, ids beside rows", arguments: sizes)
  func alignment(capacity: Int, sizes: [Int]) throws {
    let objective = Self.objective(capacity)
    var stream = ContrastiveStream(negatives: 2)
    var bank = MemoryBank(capacity: capacity)
    var seen: [ContrastiveReference.Example] = []
    for step in 0..<25 {
      let group = stream.group(of: sizes[step % sizes.count])
      _ = Self.evaluate(objective, group, &bank)
      seen += group.examples
      #expect(bank.count == min(seen.count, capacity))
      #expect(bank.examples == seen.count - bank.count..<seen.count)
      let rows = try #require(bank.widths.first)
      let queries = try #require(rows.queries)
      for number in bank.examples {
        let (slot, example) = (number % capacity, seen[number])
        #expect(queries.row(slot).map(Double.init) == example.query)
        #expect(rows.positives.row(slot).map(Double.init) == example.positive)
        #expect(
          bank.ids[slot]
            == BankedIDs(positives: example.positives, negatives: example.negativeIDs))
        let room = bank.negativesPerSlot
        let negatives = (0..<room).map { rows.negatives.row(slot * room + $0).map(Double.init) }
        let vacant = [Double](repeating: 0, count: stream.width)
        #expect(
          negatives
            == example.negatives + Array(repeating: vacant, count: room - example.negatives.count))
      }
    }
  }

  @Test("an evaluation does not touch the bank it reads")
  func readOnly() {
    let objective = Self.objective(12)
    var stream = ContrastiveStream()
    var bank = MemoryBank(capacity: 12)
    for _ in 0..<5 { _ = Self.evaluate(objective, stream.group(of: 4), &bank) }
    let before = (bank.facts, bank.tensors.map { ($0.name, $0.values.elements) })
    let group = stream.group(of: 4)
    objective.align(&bank, forGroupsOf: 4)
    _ = objective.differentiate(
      queries: group.queries, columns: group.columns, of: group.batch, weight: 1, bank: bank)
    #expect(bank.facts == before.0)
    #expect(bank.tensors.elementsEqual(before.1) { $0.0 == $1.0 && $0.1.elements == $1.1 })
    _ = Self.evaluate(objective, group, &bank)
    #expect(bank.facts != before.0)
  }

  @Test("no capacity is no bank, to the last bit")
  func noCapacity() {
    var stream = ContrastiveStream()
    var (none, empty) = (MemoryBank(capacity: 0), MemoryBank(capacity: 16))
    for step in 0..<3 {
      let group = stream.group(of: 8)
      let got = Self.evaluate(Self.objective(0), group, &none)
      #expect(none.count == 0 && none.tensors.isEmpty && got.massByAge.isEmpty)
      empty.clear()
      let first = Self.evaluate(Self.objective(16), group, &empty)
      #expect(first.loss == got.loss, "step \(step)")
      #expect(first.queryGradient == got.queryGradient)
      #expect(first.columnGradient == got.columnGradient)
    }
    // A bank that is not empty does make a difference.
    let group = stream.group(of: 8)
    #expect(
      Self.evaluate(Self.objective(0), group, &none).loss
        != Self.evaluate(Self.objective(16), group, &empty).loss)
  }

  @Test("cleared after each update, it holds (k − 1) groups before micro-batch k")
  func clearing() {
    let objective = Self.objective(64)
    var stream = ContrastiveStream()
    var bank = MemoryBank(capacity: 64)
    for _ in 0..<3 {
      for k in 1...4 {
        #expect(bank.count == (k - 1) * 8)
        _ = Self.evaluate(objective, stream.group(of: 8), &bank)
      }
      bank.clear()
      #expect(bank == MemoryBank(capacity: 64))
    }
  }

  @Test("a cleared bank goes on as a new one, to the last bit", arguments: [12, 10])
  func clearedIsNew(capacity: Int) {
    let objective = Self.objective(capacity) { $0.isSymmetric = true }
    var stream = ContrastiveStream(negatives: 5)
    var used = MemoryBank(capacity: capacity)
    for _ in 0..<7 { _ = Self.evaluate(objective, stream.group(of: 3), &used) }
    #expect(used.negativesPerSlot > 2)
    used.clear()
    stream = ContrastiveStream(negatives: 1, seed: 2)
    var new = MemoryBank(capacity: capacity)
    for step in 0..<9 {
      let group = stream.group(of: 4)
      let (a, b) = (
        Self.evaluate(objective, group, &used), Self.evaluate(objective, group, &new)
      )
      #expect(a.loss == b.loss && a.columnGradient == b.columnGradient, "step \(step)")
    }
    #expect(used == new)
  }

  @Test("the order in which examples came does not change the loss")
  func order() {
    let objective = Self.objective(12)
    var stream = ContrastiveStream()
    let groups = (0..<3).map { _ in stream.group(of: 4) }
    let last = stream.group(of: 4)
    let losses = [[0, 1, 2], [2, 0, 1], [1, 2, 0]].map { order in
      var bank = MemoryBank(capacity: 12)
      for i in order { _ = Self.evaluate(objective, groups[i], &bank) }
      return Self.evaluate(objective, last, &bank).loss
    }
    #expect(abs(losses[1] - losses[0]) < 1e-6 && abs(losses[2] - losses[0]) < 1e-6)
    // It is not that the bank did not matter.
    var without = MemoryBank(capacity: 12)
    #expect(abs(Self.evaluate(objective, last, &without).loss - losses[0]) > 1e-3)
  }

  @Test("passages alone: no queries are kept, and rows are the group's")
  func passagesOnly() {
    let objective = Self.objective(12) { $0.bankSides = .passages }
    var stream = ContrastiveStream()
    var bank = MemoryBank(capacity: 12)
    for _ in 0..<5 { _ = Self.evaluate(objective, stream.group(of: 4), &bank) }
    #expect(bank.widths.map { $0.queries == nil } == [true])
    #expect(bank.tensors.map(\.name) == ["whole.positives", "whole.negatives"])
  }

  @Test("kept sums are those of the embeddings, when made anew", arguments: [24, 10])
  func realigned(capacity: Int) {
    let objective = Self.objective(capacity) { $0.isSymmetric = true }
    var stream = ContrastiveStream(negatives: 2)
    var bank = MemoryBank(capacity: capacity)
    for _ in 0..<11 { _ = Self.evaluate(objective, stream.group(of: 4), &bank) }
    #expect(bank.isAligned)
    var other = bank
    // A group of another size moves the beginning off the grid.
    let short = stream.group(of: 3)
    _ = Self.evaluate(objective, short, &other)
    #expect(!other.isAligned)
    objective.align(&other, forGroupsOf: 4)
    #expect(other.isAligned && other.count == capacity)
    _ = Self.evaluate(objective, short, &bank)
    objective.align(&bank, forGroupsOf: 1)
    let group = stream.group(of: 4)
    let (a, b) = (Self.evaluate(objective, group, &bank), Self.evaluate(objective, group, &other))
    #expect(abs(a.loss - b.loss) < 1e-6)
    #expect(largestDifference(a.columnGradient.elements, b.columnGradient.elements) < 1e-6)
  }
}
