import Foundation
import Tensors
import TestSupport
import Testing

@testable import Training

@Suite("Memory bank, written and read")
struct BankStoringTests {
  static let cases: [(capacity: Int, sizes: [Int], steps: Int)] = [
    (24, [8], 2), (24, [8], 7), (10, [4], 9), (13, [2, 7, 1, 20, 5], 8), (6, [3], 0), (5, [7], 3),
  ]

  static let objective: ContrastiveObjective = {
    var configuration = TrainingConfiguration(steps: 1)
    configuration.isSymmetric = true
    configuration.matryoshkaDimensions = [12, 5]
    return ContrastiveObjective(configuration)
  }()

  static func bank(
    _ capacity: Int, _ sizes: [Int], steps: Int, stream: inout ContrastiveStream
  ) -> MemoryBank {
    var bank = MemoryBank(capacity: capacity)
    for step in 0..<steps {
      _ = MemoryBankTests.evaluate(objective, stream.group(of: sizes[step % sizes.count]), &bank)
    }
    return bank
  }

  /// Through JSON and copies of the numbers.
  static func restored(
    _ bank: MemoryBank, change: (inout [(name: String, values: Matrix)]) -> Void = { _ in }
  ) throws -> MemoryBank {
    let text = try JSONEncoder().encode(bank.facts)
    var tensors = bank.tensors.map { name, values in
      (
        name: name,
        values: Matrix(rows: values.rows, columns: values.columns, elements: values.elements)
      )
    }
    change(&tensors)
    return try MemoryBank(
      capacity: bank.capacity, facts: JSONDecoder().decode(MemoryBank.Facts.self, from: text),
      tensors: tensors)
  }

  @Test(
    "a bank that was read goes on as the one that was written, to the last bit", arguments: cases)
  func goesOn(capacity: Int, sizes: [Int], steps: Int) throws {
    var stream = ContrastiveStream(negatives: 2)
    var bank = Self.bank(capacity, sizes, steps: steps, stream: &stream)
    var restored = try Self.restored(bank)
    #expect(restored == bank)
    for step in 0..<12 {
      let group = stream.group(of: sizes[step % sizes.count])
      let expected = MemoryBankTests.evaluate(Self.objective, group, &bank)
      let got = MemoryBankTests.evaluate(Self.objective, group, &restored)
      #expect(got.loss == expected.loss && got.massByAge == expected.massByAge, "step \(step)")
      #expect(got.queryGradient == expected.queryGradient)
      #expect(got.columnGradient == expected.columnGradient)
      #expect(restored == bank)
    }
  }

  @Test("banks that differ in one number are not equal")
  func inequality() throws {
    var stream = ContrastiveStream()
    let bank = Self.bank(8, [4], steps: 5, stream: &stream)
    for place in bank.tensors.indices {
      #expect(try Self.restored(bank) { $0[place].values[0, 0] = 7 } != bank)
    }
  }

  @Test("tensors that are missing or have another shape are named")
  func damagedTensors() throws {
    var stream = ContrastiveStream()
    let bank = Self.bank(8, [4], steps: 5, stream: &stream)
    for place in bank.tensors.indices {
      let name = bank.tensors[place].name
      let missing = try trainingError(.damagedCheckpoint) {
        _ = try Self.restored(bank) { $0.remove(at: place) }
      }
      #expect(missing.message.contains("no \"\(name)\""))
      let short = try trainingError(.damagedCheckpoint) {
        _ = try Self.restored(bank) { $0[place].values = $0[place].values[rows: 0..<7] }
      }
      #expect(short.message.contains("\"\(name)\" is a tensor of 7×"))
    }
  }

  @Test("facts that contradict each other are refused")
  func damagedFacts() throws {
    var stream = ContrastiveStream()
    let bank = Self.bank(8, [4], steps: 5, stream: &stream)
    let text = String(decoding: try JSONEncoder().encode(bank.facts), as: UTF8.self)
    #expect(bank.facts.end == 20 && bank.facts.groupEnds == [16, 20])
    let changes = [
      ("\"end\":20", "\"end\":3"), ("\"end\":20", "\"end\":21"), ("[16,20]", "[20,16]"),
      ("[16,20]", "[12,20]"), ("[16,20]", "[]"), ("\"grain\":4", "\"grain\":0"),
      ("\"grain\":4", "\"grain\":3"), ("\"capacity\":8", "\"capacity\":9"),
      ("\"phase\":0", "\"phase\":4"), ("\"negativesPerSlot\":1", "\"negativesPerSlot\":0"),
    ]
    for (old, new) in changes {
      #expect(text.contains(old), "\(text)")
      let changed = text.replacingOccurrences(of: old, with: new)
      let facts = try JSONDecoder().decode(MemoryBank.Facts.self, from: Data(changed.utf8))
      try trainingError(.damagedCheckpoint) {
        _ = try MemoryBank(capacity: 8, facts: facts, tensors: bank.tensors)
      }
    }
    // For another capacity it is no bank either.
    try trainingError(.damagedCheckpoint) {
      _ = try MemoryBank(capacity: 12, facts: bank.facts, tensors: bank.tensors)
    }
  }
}
