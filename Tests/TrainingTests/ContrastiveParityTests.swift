import Encoder
import Foundation
import Tensors
import TestSupport
import Testing

@testable import Training

/// Losses and gradients of tools/fixtures/contrastive_reference.py.
@Suite("Contrastive losses equal PyTorch's")
struct ContrastiveParityTests {
  struct Settings: Decodable {
    let temperature: Double
    let isSymmetric: Bool
    let matryoshkaDimensions: [Int]
    let bankSides: BankSides
    let normaliser: LossNormaliser
    let masksFalseNegatives: Bool
    let normalizes: Bool

    var objective: ContrastiveObjective {
      var configuration = TrainingConfiguration(steps: 1, temperature: temperature)
      configuration.isSymmetric = isSymmetric
      configuration.matryoshkaDimensions = matryoshkaDimensions
      configuration.bankSides = bankSides
      configuration.normaliser = normaliser
      configuration.masksFalseNegatives = masksFalseNegatives
      return ContrastiveObjective(configuration, normalizes: normalizes)
    }
  }

  let file: SafetensorsFile
  let batches: [TrainingBatch]

  init() throws {
    let path = fixtures.appending(path: "training/contrastive.safetensors").path
    file = try SafetensorsFile(path: path)
    let groups: [[BankedIDs]] = try Self.metadata("groups", in: file)
    batches = groups.map { group in
      let pairs = group.map {
        TrainingPair(
          queryID: "q", query: "", positiveID: $0.positives[0],
          otherPositiveIDs: Array($0.positives.dropFirst()))
      }
      return TrainingBatch(pairs, negatives: group.map(\.negatives))
    }
  }

  static func metadata<Value: Decodable>(
    _ key: String, in file: SafetensorsFile
  ) throws -> Value {
    try JSONDecoder().decode(Value.self, from: Data(file.metadata[key, default: ""].utf8))
  }

  static let names = [
    "plain", "cold", "passages", "localRows", "unmasked", "symmetric", "matryoshka", "unscaled",
    "both",
  ]

  @Test("losses and gradients of five micro-batches with a bank", arguments: names)
  func equal(name: String) throws {
    let all: [String: Settings] = try Self.metadata("settings", in: file)
    #expect(all.keys.sorted() == Self.names.sorted())
    let losses: [String: [Double]] = try Self.metadata("losses", in: file)
    let (settings, expected) = (try #require(all[name]), try #require(losses[name]))
    let objective = settings.objective
    var bank = MemoryBank(capacity: try Self.metadata("capacity", in: file))
    for (k, batch) in batches.enumerated() {
      let result = objective.evaluate(
        queries: try file.matrix("queries.\(k)"), columns: try file.matrix("columns.\(k)"),
        of: batch, weight: 1, bank: &bank)
      #expect(abs(result.loss - expected[k]) < 1e-6 * max(1, expected[k]), "micro-batch \(k)")
      for (side, gradient) in [
        ("queries", result.queryGradient), ("columns", result.columnGradient),
      ] {
        let reference = try file.matrix("\(name).\(side).\(k)").elements.map(Double.init)
        let error = relativeError(gradient.elements, reference)
        #expect(error < 2e-6, "micro-batch \(k), \(side): \(error)")
      }
    }
    #expect(bank.count == bank.capacity)
  }

  @Test("the settings make a difference")
  func different() throws {
    let losses: [String: [Double]] = try Self.metadata("losses", in: file)
    #expect(Set(losses.values.map { $0[4] }).count == losses.count)
  }
}
