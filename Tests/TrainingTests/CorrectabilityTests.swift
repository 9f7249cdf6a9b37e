import Encoder
import Foundation
import TestSupport
import Tensors
import Testing

@testable import Training

@Suite("Keeping passages correctable")
struct CorrectabilityTests {
  let task = ToyTask(count: 18)

  static func configuration(
    _ weight: Double?, _ method: TrainingMethod = .inBatch, steps: Int = 11
  ) -> TrainingConfiguration {
    var configuration = TrainerTests.configuration(method, steps: steps)
    configuration.microBatchSize = 2
    configuration.bankSize = method == .contAccum ? 6 : 0
    configuration.checkpointEvery = 3
    configuration.keepCorrectable = weight
    return configuration
  }

  @Test("the penalty's gradient is that of finite differences")
  func gradient() {
    let embeddings = normals(5, 3, seed: 1), foretold = normals(5, 3, seed: 2)
    func evaluate(_ rows: Matrix) -> (distance: Double, gradient: Matrix) {
      CorrectabilityPenalty.evaluate(rows, foretold: foretold, weight: 0.7, share: 0.25)
    }
    let found = evaluate(embeddings)
    #expect(found.distance > 0)
    for place in 0..<15 {
      var (up, down) = (embeddings.elements, embeddings.elements)
      up[place] += 0x1p-6
      down[place] -= 0x1p-6
      let slope = 0.7 * 0.25
        * (evaluate(Matrix(rows: 5, columns: 3, elements: up)).distance
          - evaluate(Matrix(rows: 5, columns: 3, elements: down)).distance) / 0x1p-5
      #expect(abs(slope - Double(found.gradient.elements[place])) < 1e-5)
    }
  }

  @Test("the map begins with what was, and learns an affine drift of inputs in any unit")
  func mapLearns() {
    var map = DriftMap(inputs: 7, dimension: 3)
    let turn = normals(7, 3, seed: 3)
    func passages(_ seed: UInt64) -> (inputs: Matrix, embeddings: Matrix) {
      let plain = normals(64, 7, seed: seed)
      var embeddings = Matrix((0..<64).map { Array(plain.row($0).prefix(3)) })
      addProduct(plain, turn, to: &embeddings)
      embeddings.addToRows([1, -2, 3])
      // Word embeddings are a hundred times smaller than what is made of them.
      let inputs = Matrix(
        (0..<64).map { row in
          plain.row(row).enumerated().map { $1 * ($0 < 3 ? 1 : 0.01) }
        })
      return (inputs, embeddings)
    }
    func distance(_ seed: UInt64) -> Double {
      let (inputs, embeddings) = passages(seed)
      return CorrectabilityPenalty.evaluate(
        embeddings, foretold: map.foretell(inputs), weight: 1, share: 1
      ).distance
    }
    let (first, _) = passages(90)
    #expect(map.foretell(first) == Matrix((0..<64).map { Array(first.row($0).prefix(3)) }))
    let before = distance(99)
    for seed: UInt64 in 10..<20 { map.learn(passages(seed).inputs, passages(seed).embeddings) }
    #expect(distance(99) < 0.01 * before)
  }

  @Test("one passage again and again leaves a map that foretells it, not a crash")
  func degenerate() {
    var map = DriftMap(inputs: 4, dimension: 2)
    let inputs = Matrix([[0.6, 0.8, 0, 0]]), embedding = Matrix([[1, 0]])
    for _ in 0..<40 { map.learn(inputs, embedding) }
    let foretold = map.foretell(inputs)
    #expect(foretold.firstNonFinite() == nil)
    #expect(zip(foretold.elements, embedding.elements).allSatisfy { abs($0 - $1) < 0.05 })
  }

  @Test("a weight of 0 measures and changes no bit", arguments: TrainingMethod.allCases)
  func onlyMeasures(method: TrainingMethod) throws {
    let plain = try task.trainer(Self.configuration(nil, method)).run()
    let log = Log<StepProgress>()
    let measured = try task.trainer(Self.configuration(0, method)).run(progress: log.add)
    #expect(measured.model.parameters == plain.model.parameters)
    let distances = log.entries.compactMap(\.unforetold)
    #expect(distances.count == 11 && distances.allSatisfy { $0.isFinite && $0 >= 0 })
    #expect((distances.last ?? 0) > 0)
  }

  @Test("a weight keeps passages nearer to what is foretold of them")
  func pulls() throws {
    func last(_ weight: Double) throws -> Float {
      let log = Log<StepProgress>()
      _ = try task.trainer(Self.configuration(weight, steps: 40)).run(progress: log.add)
      return try #require(log.entries.last?.unforetold)
    }
    #expect(try last(10) < 0.5 * last(0))
  }

  @Test("two towers: the passages' is kept") func untied() throws {
    var configuration = Self.configuration(1)
    configuration.towers = .untied
    let outcome = try task.trainer(configuration).run()
    configuration.keepCorrectable = nil
    let plain = try task.trainer(configuration).run()
    #expect(outcome.model.parameters != plain.model.parameters)
  }

  @Test(
    "stopped at any steps and resumed, a run ends with the same bits",
    arguments: TrainingMethod.allCases, 0..<2)
  func resumed(method: TrainingMethod, trial: Int) throws {
    let folder = try TemporaryFolder()
    let trainer = try task.trainer(Self.configuration(0.5, method))
    let (whole, pieces) = (Log<StepProgress>(), Log<StepProgress>())
    let expected = try trainer.run(progress: whole.add)
    var random = RandomStream(seed: 41, stream: UInt64(trial))
    var outcome: TrainingOutcome?
    while outcome?.finished != true {
      let stop = StopAfter(2 + random.index(below: 4))
      outcome = try trainer.run(
        checkpoints: folder.url.appending(path: "run"), resume: true,
        shouldStop: { stop.ask() }, progress: pieces.add)
    }
    #expect(pieces.entries == whole.entries)
    #expect(outcome?.model.parameters == expected.model.parameters)
  }

  @Test("weights below 0 and NaN are refused", arguments: [-1e-9, -.infinity, .infinity, .nan])
  func refused(weight: Double) throws {
    let error = try trainingError(.invalidConfiguration) {
      try Self.configuration(weight).validate()
    }
    #expect(error.message.contains("keepCorrectable"))
  }

  private func normals(_ rows: Int, _ columns: Int, seed: UInt64) -> Matrix {
    var random = RandomStream(seed: seed, stream: 7)
    return Matrix(
      rows: rows, columns: columns,
      elements: (0..<rows * columns).map { _ in Float(random.normal()) })
  }
}
