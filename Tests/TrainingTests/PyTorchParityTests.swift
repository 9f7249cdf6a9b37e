import Foundation
import Tensors
import TestSupport
import Testing

@testable import Encoder
@testable import Training

@Suite("Training equals PyTorch")
struct PyTorchParityTests {
  let fixture: TrainingFixture
  let encoder: TextEncoder

  init() throws {
    fixture = try TrainingFixture()
    encoder = try TextEncoder(folder: TrainingFixture.encoderFolder)
  }

  /// A softmax does not see the key's bias: its gradient is rounding, which Adam blows up.
  func isUnseen(_ name: String) -> Bool { name.hasSuffix("attention.self.key.bias") }

  @Test("losses, norms, rates and final weights", arguments: [TrainingMethod.inBatch, .gradCache])
  func wholeRun(method: TrainingMethod) throws {
    let trainer = try Trainer(
      encoder: encoder, pairs: fixture.pairs, passages: fixture.passages,
      configuration: fixture.configuration(method))
    let log = Log<StepProgress>()
    let outcome = try trainer.run(progress: log.add)
    #expect(log.entries.count == fixture.settings.steps)
    #expect(relativeError(log.entries.map(\.loss), fixture.facts.losses) < 1e-5)
    #expect(relativeError(log.entries.map(\.gradientNorm), fixture.facts.norms) < 1e-5)
    #expect(relativeError(log.entries.map(\.learningRate), fixture.facts.rates) < 1e-6)
    // Without this the clipping would not be compared, or nothing else would.
    #expect(fixture.facts.norms.contains { $0 > fixture.settings.clipNorm })
    #expect(fixture.facts.norms.contains { $0 < fixture.settings.clipNorm })

    for tensor in outcome.model.parameters.fileTensors() {
      let expected = try fixture.reference.matrix("final." + tensor.name).elements
      if isUnseen(tensor.name) {
        let bound = Float(fixture.facts.rates.reduce(0, +)) * 2
        #expect(largestDifference(tensor.values.elements, expected) <= bound, "\(tensor.name)")
      } else {
        let error = relativeError(tensor.values.elements, expected.map(Double.init))
        #expect(error < 1e-5, "\(tensor.name): \(error)")
      }
    }
  }

  @Test("the weights really move")
  func moves() throws {
    let start = encoder.model.parameters
    for tensor in start.fileTensors() where !isUnseen(tensor.name) {
      let expected = try fixture.reference.matrix("final." + tensor.name).elements
      let error = relativeError(tensor.values.elements, expected.map(Double.init))
      #expect(error > 1e-4, "\(tensor.name) is where it was: the comparison says nothing")
    }
  }

  @Test("the gradient of the first step, parameter by parameter")
  func gradient() throws {
    let configuration = fixture.configuration()
    let batch = TrainingBatch(
      fixture.pairs,
      negatives: fixture.pairs.enumerated().map {
        GivenNegatives(perQuery: 1, seed: 1).draw(for: $1, index: $0, step: 0)
      })
    #expect(batch.columns == ["p0", "p1", "p2", "p3", "p4", "p7", "p8"])
    #expect(batch.excluded == [[2], [], [], [6], []])
    let texts =
      fixture.pairs.map { ($0.query, TextRole.query, configuration.maximumQueryLength) }
      + batch.columns.map {
        (fixture.passages.texts[$0, default: ""], .passage, configuration.maximumPassageLength)
      }
    let rows = EncoderRows(
      tokens: texts.map { encoder.tokenize($0.0, as: $0.1, maximumLength: $0.2).ids },
      dropoutKeys: nil, model: PackedModel(training: encoder.model))
    var bank = MemoryBank(capacity: 0)
    var gradients = [Parameters(zerosLike: encoder.model.parameters)]
    let group = ContrastiveGroup(batch: batch, rows: .tied(rows, queries: fixture.pairs.count))
    let result = group.accumulate(
      weight: 1, objective: ContrastiveObjective(configuration), bank: &bank, by: WholeBatch(),
      into: &gradients)
    #expect(abs(result.loss - fixture.facts.losses[0]) < 1e-5)
    for tensor in gradients[0].fileTensors() {
      let expected = try fixture.reference.matrix("gradient." + tensor.name)
      var difference = expected
      difference.add(
        tensor.values.reshaped(rows: expected.rows, columns: expected.columns), scaledBy: -1)
      let error = difference.sumOfSquares().squareRoot()
      let size = isUnseen(tensor.name) ? 1 : expected.sumOfSquares().squareRoot()
      #expect(error <= 2e-5 * size, "\(tensor.name): \(error) of \(size)")
    }
  }

  @Test("AdamW, clipping and schedule on one matrix, step by step")
  func optimizer() throws {
    let slots = [ParameterSlot.matrix("weights", 5, 3)]
    var weights = Parameters(
      slots: slots, values: [try fixture.reference.matrix("optimizer.start")])
    var adam = AdamW(parameters: weights, weightDecay: fixture.settings.weightDecay)
    let schedule = LearningRateSchedule(
      peak: fixture.settings.learningRate, warmupShare: fixture.settings.warmupShare,
      totalSteps: fixture.settings.steps)
    for step in 0..<fixture.settings.steps {
      let gradient = Parameters(
        slots: slots, values: [try fixture.reference.matrix("optimizer.gradient.\(step)")])
      adam.update(
        &weights, gradients: gradient, learningRate: schedule.rate(at: step),
        gradientScale: AdamW.clippingScale(norm: gradient.norm, limit: 20))
      let expected = try fixture.reference.matrix("optimizer.weights.\(step)").elements
      #expect(largestDifference(weights.values[0].elements, expected) < 5e-7, "step \(step)")
    }
  }
}
