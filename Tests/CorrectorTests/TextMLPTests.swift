import Foundation
import Tensors
import Testing

@testable import Corrector

/// Points on a circle whose drift bends, of which the stale vector shows one side too little: the
/// features, mixed with noise, say which side.
private func bentMeaning(_ rows: Int, fresh width: Int, seed: UInt64) -> CorrectionPairs {
  let all = angles(rows, seed: seed)
  var stale = Matrix(all.map { [Float(cos($0)), Float(abs(sin($0))), 0.3] })
  stale.normalizeRows()
  let side = Matrix(all.map { [Float(sin($0)) + 5, Float(cos(2 * $0))] })
  var fresh = product(circle(drifted(all)), gaussian(2, width, seed: 201))
  fresh.normalizeRows()
  return CorrectionPairs(stale: stale, fresh: fresh, features: [side, gaussian(rows, 1, seed: 202)])
}

private func bentOptions(_ change: (inout FitOptions) -> Void = { _ in }) -> FitOptions {
  quickOptions {
    ($0.mlp.textWidth, $0.mlp.steps, $0.mlp.learningRate) = (32, 1000, 1e-2)
    $0.mlp.textSteps = 1000
    change(&$0)
  }
}

/// A text-ridge map of d = 5, features of 3 + 2 columns and any parameters.
private func someStart(outputs: Int, normalizes: Bool = true) -> TextRidgeCorrector {
  TextRidgeCorrector(
    weight: gaussian(5, outputs, seed: 1), featureWeight: gaussian(5, outputs, seed: 2),
    featureWidths: [3, 2], bias: gaussian(1, outputs, seed: 3).row(0), addsInput: outputs == 5,
    normalizes: normalizes)
}

private func someNetwork(inputs: Int, width: Int, outputs: Int) -> MLPParameters {
  MLPParameters(
    w1: gaussian(inputs, width, seed: 4), b1: gaussian(1, width, seed: 5),
    w2: gaussian(width, outputs, seed: 6), b2: gaussian(1, outputs, seed: 7))
}

@Suite("Text MLP")
struct TextMLPTests {
  @Test("the start is text-ridge, bit for bit", arguments: [5, 4, 9], [true, false])
  func startIsTextRidge(outputs: Int, normalizes: Bool) {
    let start = someStart(outputs: outputs, normalizes: normalizes)
    let network = TextMLPCorrector(
      start: start, parameters: .silent(inputs: 10, width: 17, outputs: outputs, seed: 8))
    let stale = unitRows(1025, 5, seed: 9)
    let features = [gaussian(1025, 3, seed: 10), gaussian(1025, 2, seed: 11)]
    #expect(
      bits(network.apply(stale, features: features))
        == bits(start.apply(stale, features: features)))
  }

  @Test(
    "gradients equal float64 central differences",
    arguments: [(1, 1, 1, 1), (5, 4, 3, 2), (17, 3, 9, 5)], [true, false])
  func gradients(shape: (n: Int, p: Int, r: Int, e: Int), normalizes: Bool) {
    let (n, p, r, e) = shape
    let network = someNetwork(inputs: p, width: r, outputs: e)
    let reference = DoubleNetwork(
      network.tensors.map { doubles($0.values) }, inputs: gaussian(n, p, seed: 12),
      base: gaussian(n, e, seed: 13), fresh: unitRows(n, e, seed: 14), normalizes)
    let fresh = reference.fresh
    let (loss, gradient) = network.differentiate(
      reference.inputs, base: reference.base, normalizes: normalizes
    ) { ResidualMLP.driftLoss(corrected: $0, fresh: fresh) }
    #expect(abs(loss - reference.loss()) < 1e-5 * max(reference.loss(), 1))
    for (mine, numeric) in zip(gradient.tensors, reference.gradient()) {
      let scale = max(numeric.map(abs).max() ?? 0, 1e-2)
      let worst = zip(doubles(mine.values), numeric).map { abs($0 - $1) }.max() ?? 0
      #expect(worst / scale < 1e-4, "\(mine.name)")
    }
  }

  @Test(
    "a residual over 1 − leverage is the residual of the map of all other rows",
    arguments: [(5, 5, 3, 30), (5, 4, 40, 20), (1, 1, 1, 4), (3, 7, 2, 6)])
  func leverages(d: Int, e: Int, f: Int, n: Int) throws {
    let pairs = CorrectionPairs(
      stale: gaussian(n, d, seed: 15), fresh: gaussian(n, e, seed: 16),
      features: [gaussian(n, f, seed: 17)])
    let scaling = FeatureScaling(of: pairs)
    let inputs = scaling.inputs(pairs)
    let systems: [any RidgeSystem] = [scaling.primal(pairs, inputs), scaling.dual(pairs, inputs)]
    for (name, system) in zip(["primal", "dual"], systems) {
      let penalty = system.penalty(strength: 0.3)
      let leverages = try system.leverages(of: inputs, penalty: penalty)
      let map = try TextRidgeCorrector.fitting(
        system, scaling, strength: 0.3, normalizes: false)
      let own = map.apply(pairs.stale, features: pairs.features)
      for row in [0, n / 2, n - 1] {
        let others = pairs.gathering((0..<n).filter { $0 != row })
        let without = scaling.primal(others, scaling.inputs(others))
        // The same λ, by the strength that gives it to fewer rows.
        let strength = 0.3 * penalty / without.penalty(strength: 0.3)
        let refitted = try TextRidgeCorrector.fitting(
          without, scaling, strength: strength, normalizes: false)
        let one = pairs.gathering([row])
        let truth = refitted.apply(one.stale, features: one.features)
        for j in 0..<e {
          let fresh = Double(one.fresh[0, j])
          let guess = fresh - (fresh - Double(own[row, j])) / (1 - leverages[row])
          #expect(abs(guess - Double(truth[0, j])) < 2e-4, "\(name), row \(row)")
        }
      }
    }
  }

  @Test("a bent drift that the text tells is left to it", arguments: [3, 5])
  func bent(width: Int) throws {
    let pairs = bentMeaning(300, fresh: width, seed: 18)
    let report = try fit(pairs, bentOptions { $0.mlp.mustLead = true })
    #expect(report.corrector.kind == .textMLP)
    func kl(_ kind: CorrectorKind) throws -> Double {
      try #require(report.candidates.first { $0.corrector.kind == kind }).judgement.kl.estimate
    }
    #expect(try kl(.textMLP) < 0.3 * kl(.textRidge))
    let note = try #require(report.candidates.last).note
    #expect(note.hasPrefix("width 32, ") && note.hasSuffix(" of 1000 steps"))
    #expect(report.corrector.featureWidths == [2, 1])
    // What is judged foretells unseen rows: scales and means of the inputs went into the weights.
    let unseen = bentMeaning(500, fresh: width, seed: 19)
    let cosines = rowCosines(
      report.corrector.apply(unseen.stale, features: unseen.features), unseen.fresh)
    #expect(mean(cosines) > report.judgement.cosine.low - 0.01)
  }

  @Test("the units of vectors and features do not matter", arguments: [Float(1e-3), 50])
  func units(scale: Float) throws {
    let pairs = bentMeaning(200, fresh: 3, seed: 20)
    let options = bentOptions {
      ($0.mlp.steps, $0.normalizes, $0.kinds) = (500, false, [.textMLP])
      $0.ridgeStrengths = [0.01]
    }
    func error(_ pairs: CorrectionPairs) throws -> Double {
      let model = try #require(try fit(pairs, options).candidates.last).corrector
      #expect(model.kind == .textMLP)
      let corrected = model.apply(pairs.stale, features: pairs.features)
      return meanSquaredDistance(corrected, pairs.fresh) / pairs.fresh.sumOfSquares()
    }
    var scaled = pairs
    scaled.stale.scale(by: scale)
    scaled.fresh.scale(by: scale * 3)
    scaled.features[0].scale(by: 4096)
    // Between equal dimensions the penalty pulls to the stale vector, which is of another norm.
    #expect(try error(scaled) < 1.5 * error(pairs) + 1e-5)
  }

  @Test("a part's own fresh vectors do not reach what it is judged on")
  func ownPartIsUnseen() throws {
    let options = bentOptions {
      ($0.mlp.steps, $0.kinds, $0.ridgeStrengths) = (100, [.textMLP], [0.01])
    }
    let pairs = bentMeaning(120, fresh: 3, seed: 21)
    let folds = try Folds(pairs, options: options)
    func heldOut(_ pairs: CorrectionPairs) throws -> Matrix {
      let fitter = Fitter(pairs, folds, options: options, progress: { _, _ in })
      let fits = fitter.fitAll(clock: { 0 }).fitted
      return try #require(fits.first { $0.corrector.kind == .textMLP }).fit.outOfFold
    }
    let honest = try heldOut(pairs)
    for index in folds.parts.indices {
      var lied = pairs
      for row in folds.order[folds.parts[index]] { lied.fresh.setRow(row, to: [0, 0, 1]) }
      let misled = try heldOut(lied)
      for position in 0..<120 {
        #expect(
          (honest.row(position) == misled.row(position)) == folds.parts[index].contains(position))
      }
    }
  }

  @Test("one that text-ridge leads on the first part is not fitted further, and it is said why")
  func mustLead() throws {
    var pairs = bentMeaning(300, fresh: 3, seed: 22)
    let options = bentOptions {
      ($0.mlp.mustLead, $0.kinds) = (true, [.textRidge, .textMLP])
      ($0.ridgeStrengths, $0.mlp.steps) = ([0.01], 100)
    }
    let folds = try Folds(pairs, options: options)
    func fits() -> (fitted: [FittedCorrector], skipped: [SkippedCandidate]) {
      Fitter(pairs, folds, options: options, progress: { _, _ in }).fitAll(clock: { 0 })
    }
    let ridge = try #require(fits().fitted.first { $0.corrector.kind == .textRidge }).fit
    // Fresh vectors of the first part that are just what text-ridge makes of it.
    for position in folds.parts[0] {
      pairs.fresh.setRow(folds.order[position], to: ridge.outOfFold.row(position))
    }
    let (fitted, skipped) = fits()
    #expect(fitted.map(\.corrector.kind) == [.identity, .textRidge])
    let reason = try #require(skipped.first).reason
    #expect(reason.contains("behind text-ridge on the first 60 pairs"))
  }

  @Test("one that learns nothing is level with text-ridge, and given up")
  func level() throws {
    let options = bentOptions {
      ($0.mlp.mustLead, $0.kinds, $0.mlp.learningRate) = (true, [.textMLP], 1e-30)
    }
    let report = try fit(bentMeaning(100, fresh: 3, seed: 23), options)
    #expect(report.candidates.map(\.corrector.kind) == [.identity])
    #expect(report.skipped.first?.reason.contains("level with text-ridge on the first") == true)
  }

  @Test("what is read back corrects bit for bit as what was saved", arguments: [5, 4])
  func roundTrip(outputs: Int) throws {
    let original = TextMLPCorrector(
      start: someStart(outputs: outputs),
      parameters: someNetwork(inputs: 10, width: 7, outputs: outputs))
    let tensors = Dictionary(uniqueKeysWithValues: original.tensors)
    let copy = try makeCorrector(tensors: tensors, metadata: original.metadata)
    let stale = unitRows(1500, 5, seed: 26)
    let features = [gaussian(1500, 3, seed: 27), gaussian(1500, 2, seed: 28)]
    #expect(copy.kind == .textMLP && copy.metadata == original.metadata)
    #expect(
      bits(copy.apply(stale, features: features)) == bits(original.apply(stale, features: features))
    )
    for (key, value, text) in [
      ("width", "8", "\"w1\" is 10×7, not 10×8"), ("feature-widths", "4,2", "5×\(outputs), not 6×"),
      ("width", "none", "none"),
    ] {
      var metadata = original.metadata
      metadata[key] = value
      let error = #expect(throws: CorrectorError.self) {
        try makeCorrector(tensors: tensors, metadata: metadata)
      }
      #expect(error?.code == .damaged)
      #expect(error?.message.contains(text) == true, "\(error?.message ?? "")")
    }
  }
}

/// The network on its base, and its loss, in float64 by loops.
private struct DoubleNetwork {
  var parameters: [[Double]]
  let inputs: Matrix, base: Matrix, fresh: Matrix
  let normalizes: Bool

  init(
    _ parameters: [[Double]], inputs: Matrix, base: Matrix, fresh: Matrix, _ normalizes: Bool
  ) {
    (self.parameters, self.normalizes) = (parameters, normalizes)
    (self.inputs, self.base, self.fresh) = (inputs, base, fresh)
  }

  func loss() -> Double {
    let (w1, b1, w2, b2) = (parameters[0], parameters[1], parameters[2], parameters[3])
    let (p, r, e) = (inputs.columns, b1.count, b2.count)
    var total = 0.0
    for row in 0..<inputs.rows {
      let hidden = (0..<r).map { k in
        let a = b1[k] + (0..<p).reduce(0) { $0 + Double(inputs[row, $1]) * w1[$1 * r + k] }
        return a * 0.5 * (1 + erf(a / 2.0.squareRoot()))
      }
      var out = (0..<e).map { j in
        Double(base[row, j]) + b2[j] + (0..<r).reduce(0) { $0 + hidden[$1] * w2[$1 * e + j] }
      }
      if normalizes {
        let norm = out.reduce(0) { $0 + $1 * $1 }.squareRoot()
        out = out.map { $0 / norm }
      }
      for j in 0..<e {
        let error = out[j] - Double(fresh[row, j])
        total += error * error
      }
    }
    return total / Double(inputs.rows)
  }

  func gradient() -> [[Double]] {
    parameters.indices.map { p in
      parameters[p].indices.map { i in
        var (up, down) = (self, self)
        up.parameters[p][i] += 1e-5
        down.parameters[p][i] -= 1e-5
        return (up.loss() - down.loss()) / 2e-5
      }
    }
  }
}
