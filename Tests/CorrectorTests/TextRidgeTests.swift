import Tensors
import Testing

@testable import Corrector

/// Passages with a meaning in `latent` dimensions, of which the stale vector shows the first
/// `shown`, the fresh vector all, and the features all, mixed.
private func hiddenMeaning(
  _ rows: Int, latent: Int, shown: Int, fresh width: Int, seed: UInt64
) -> CorrectionPairs {
  let meaning = gaussian(rows, latent, seed: seed)
  let first = Matrix((0..<rows).map { Array(meaning.row($0)[..<shown]) })
  var stale = product(first, gaussian(shown, width, seed: 101))
  var fresh = product(meaning, gaussian(latent, width, seed: 102))
  stale.normalizeRows()
  fresh.normalizeRows()
  let features = product(meaning, gaussian(latent, latent, seed: 103))
  return CorrectionPairs(stale: stale, fresh: fresh, features: [features])
}

@Suite("Text ridge")
struct TextRidgeTests {
  @Test("without features it is the plain ridge, bit for bit", arguments: [(7, 7), (7, 4)])
  func noFeatures(d: Int, e: Int) throws {
    let pairs = CorrectionPairs(stale: gaussian(40, d, seed: 1), fresh: gaussian(40, e, seed: 2))
    var moments = CrossMoments(about: pairs.stale, pairs.fresh)
    moments.add(pairs.stale, pairs.fresh)
    let scaling = FeatureScaling(of: pairs)
    for strength in [1e-4, 0.3, 10] {
      let plain = try RidgeCorrector.fitting(moments, strength: strength, normalizes: true)
      let text = try TextRidgeCorrector.fitting(
        scaling.primal(pairs, scaling.inputs(pairs)), scaling, strength: strength,
        normalizes: true)
      #expect(bits(text.weight) == bits(plain.weight) && text.bias == plain.bias)
      #expect(bits(text.apply(pairs.stale)) == bits(plain.apply(pairs.stale)))
      // A block that is zero throughout says nothing either.
      var silent = pairs
      silent.features = [Matrix(rows: 40, columns: 3)]
      let silentScaling = FeatureScaling(of: silent)
      let mute = try TextRidgeCorrector.fitting(
        silentScaling.system(for: silent), silentScaling, strength: strength, normalizes: true)
      #expect(largestDifference(mute.weight, plain.weight) < 1e-6)
      #expect(mute.featureWeight.elements.allSatisfy { $0 == 0 })
    }
  }

  @Test(
    "both forms of the system give the same map",
    arguments: [(5, 5, 3, 50), (5, 5, 40, 20), (6, 9, 13, 19), (9, 6, 31, 30), (1, 1, 1, 2)])
  func dualIsPrimal(d: Int, e: Int, f: Int, n: Int) throws {
    var features = gaussian(n, f, seed: 5)
    features.addToRows([Float](repeating: 3, count: f))
    let pairs = CorrectionPairs(
      stale: gaussian(n, d, seed: 3), fresh: gaussian(n, e, seed: 4), features: [features])
    let scaling = FeatureScaling(of: pairs)
    let inputs = scaling.inputs(pairs)
    for strength in [0.01, 1, 30] {
      let primal = try TextRidgeCorrector.fitting(
        scaling.primal(pairs, inputs), scaling, strength: strength, normalizes: false)
      let dual = try TextRidgeCorrector.fitting(
        scaling.dual(pairs, inputs), scaling, strength: strength, normalizes: false)
      #expect(primal.addsInput == (d == e) && dual.addsInput == (d == e))
      let difference = largestDifference(
        primal.apply(pairs.stale, features: pairs.features),
        dual.apply(pairs.stale, features: pairs.features))
      #expect(difference < 1e-5, "strength \(strength)")
    }
  }

  @Test("it brings back what the stale vector never held, and is chosen")
  func recoversFromText() throws {
    let pairs = hiddenMeaning(500, latent: 12, shown: 4, fresh: 16, seed: 6)
    let report = try fit(
      pairs, quickOptions {
        $0.mlp.steps = 400
        $0.kinds.removeAll { $0 == .textMLP }
      })
    let kept = try #require(report.keep).recallAt10.estimate
    func recovery(_ kind: CorrectorKind) throws -> Double {
      let judged = try #require(report.candidates.first { $0.corrector.kind == kind }).judgement
      return (judged.recallAt10.estimate - kept) / (1 - kept)
    }
    #expect(try recovery(.textRidge) >= 0.8)
    for kind in [CorrectorKind.procrustes, .lowRank, .ridge, .clusters, .residualMLP] {
      #expect(try recovery(kind) <= 0.3, "\(kind)")
    }
    #expect(report.corrector.kind == .textRidge)
    #expect(report.corrector.featureWidths == [12])
    let texts = try #require(report.candidates.first { $0.corrector.kind == .textRidge })
    #expect(texts.note.contains("12 features"))
    #expect(report.errorModel.calibration.meanActual < 0.05)
  }

  @Test("features that say nothing leave the simpler map in place")
  func noiseIsNotChosen() throws {
    let stale = unitRows(400, 8, seed: 7)
    let fresh = withNoise(linearDrift(stale, size: 0.8, seed: 8), size: 0.1, seed: 9)
    let noise = gaussian(400, 30, seed: 10)
    let report = try fit(
      CorrectionPairs(stale: stale, fresh: fresh, features: [noise]), quickOptions())
    #expect(report.candidates.contains { $0.corrector.kind == .textRidge }, "tried")
    #expect(report.corrector.kind == .ridge)
  }

  @Test("it maps between dimensions", arguments: [(16, 10), (10, 16)])
  func differentDimensions(d: Int, e: Int) throws {
    let meaning = hiddenMeaning(400, latent: 8, shown: 3, fresh: d, seed: 11)
    var fresh = product(meaning.features[0], gaussian(8, e, seed: 12))
    fresh.normalizeRows()
    let report = try fit(
      CorrectionPairs(stale: meaning.stale, fresh: fresh, features: meaning.features),
      quickOptions { $0.kinds.removeAll { $0 == .textMLP } })
    #expect(
      report.candidates.map(\.corrector.kind) == [
        .procrustes, .lowRank, .ridge, .clusters, .textRidge,
      ])
    #expect(report.corrector.kind == .textRidge)
    #expect(report.judgement.recallAt10.estimate > 0.8)
  }

  @Test("the unit of a block does not matter, and blocks may come in several")
  func units() throws {
    let pairs = hiddenMeaning(300, latent: 10, shown: 4, fresh: 12, seed: 13)
    var scaled = pairs
    scaled.features[0].scale(by: 4096)
    let a = try fit(pairs, quickOptions()), b = try fit(scaled, quickOptions())
    let stale = pairs.stale
    #expect(
      largestDifference(
        a.corrector.apply(stale, features: pairs.features),
        b.corrector.apply(stale, features: scaled.features)) < 1e-4)
    var two = pairs
    two.features.append(gaussian(300, 1, seed: 14))
    #expect(try fit(two, quickOptions()).corrector.featureWidths == [10, 1])
  }

  @Test("blocks of rows are corrected as single rows are", arguments: [0, 1, 1023, 1025])
  func blocksAgree(rows: Int) {
    let map = someMap(adds: true)
    let stale = unitRows(rows, 5, seed: 15)
    let features = [gaussian(rows, 3, seed: 16), gaussian(rows, 2, seed: 17)]
    let all = map.apply(stale, features: features)
    #expect(all.rows == rows && all.columns == 5)
    for row in Set([0, rows / 2, rows - 1]) where row >= 0 && row < rows {
      let one = row..<row + 1
      let single = map.apply(stale[rows: one], features: features.map { $0[rows: one] })
      #expect(largestDifference(all[rows: one], single) < 1e-6)
    }
  }

  private func someMap(adds: Bool) -> TextRidgeCorrector {
    let outputs = adds ? 5 : 4
    return TextRidgeCorrector(
      weight: gaussian(5, outputs, seed: 18), featureWeight: gaussian(5, outputs, seed: 19),
      featureWidths: [3, 2], bias: gaussian(1, outputs, seed: 20).row(0), addsInput: adds,
      normalizes: true)
  }

  @Test("what is read back corrects bit for bit as what was saved", arguments: [true, false])
  func roundTrip(adds: Bool) throws {
    let original = someMap(adds: adds)
    let copy = try makeCorrector(
      tensors: Dictionary(uniqueKeysWithValues: original.tensors), metadata: original.metadata)
    let stale = unitRows(1500, 5, seed: 21)
    let features = [gaussian(1500, 3, seed: 22), gaussian(1500, 2, seed: 23)]
    #expect(copy.kind == .textRidge && copy.featureWidths == [3, 2])
    #expect(
      bits(copy.apply(stale, features: features)) == bits(original.apply(stale, features: features))
    )
    #expect(copy.metadata == original.metadata)
  }

  @Test(
    "damage is named",
    arguments: [
      ("feature-widths", "3,,2"), ("feature-widths", "3,0"), ("feature-widths", "many"),
      ("adds-input", "perhaps"), ("feature-widths", "3,3"),
    ])
  func damage(key: String, value: String) {
    let original = someMap(adds: true)
    var metadata = original.metadata
    metadata[key] = value
    let error = #expect(throws: CorrectorError.self) {
      try makeCorrector(
        tensors: Dictionary(uniqueKeysWithValues: original.tensors), metadata: metadata)
    }
    #expect(error?.code == .damaged)
    // Widths that could be but are not those of the tensor are told by its shape.
    let text = value == "3,3" ? "\"feature-weight\" is 5×5, not 6×5" : value
    #expect(error?.message.contains(text) == true, "\(error?.message ?? "")")
  }

  @Test("features that do not fit the pairs are refused")
  func badFeatures() {
    let pairs = networkDrift(60, 6, perturbation: 0.3, seed: 24)
    var broken = gaussian(60, 2, seed: 25)
    broken[17, 1] = .infinity
    for (features, code, text) in [
      (gaussian(59, 2, seed: 26), CorrectorError.Code.dimensionMismatch, "59×2 for 60 passages"),
      (Matrix(rows: 60, columns: 0), .dimensionMismatch, "60×0"),
      (broken, .notFinite, "text feature vector 17 is not finite at dimension 1"),
    ] {
      var bad = pairs
      bad.features = [gaussian(60, 3, seed: 27), features]
      let error = #expect(throws: CorrectorError.self) { try fit(bad, quickOptions()) }
      #expect(error?.code == code)
      #expect(error?.message.contains(text) == true, "\(error?.message ?? "")")
    }
  }

  @Test("the same seed fits the same map, whatever the order of the pairs")
  func reproducible() throws {
    let pairs = hiddenMeaning(200, latent: 10, shown: 4, fresh: 12, seed: 28)
    var random = RandomStream(seed: 3)
    let order = Array(0..<200).shuffled(using: &random)
    let a = try fit(pairs, quickOptions()), b = try fit(pairs.gathering(order), quickOptions())
    #expect(a.table == b.table)
    #expect(a.corrector.kind.readsText)
    #expect(
      a.corrector.tensors.map { bits($0.values) } == b.corrector.tensors.map { bits($0.values) })
  }

  @Test("the strength is the one that retrieves best, not the one that is nearest")
  func strengthByRetrieval() throws {
    let stale = circle(angles(40, seed: 29))
    var shrunk = stale, turned = stale
    shrunk.scale(by: 0.2)
    turned.addToRows([0.9, 0.9])
    // Strength 1 gives the nearer vectors, whose softmax is flat; strength 2 shifts all alike,
    // which no softmax of inner products notices.
    let maps: [Double: any Corrector] = [
      1: RidgeCorrector(
        weight: Matrix([[-0.8, 0], [0, -0.8]]), bias: [0, 0], addsInput: true, normalizes: false),
      2: RidgeCorrector(
        weight: Matrix(rows: 2, columns: 2), bias: [0.9, 0.9], addsInput: true, normalizes: false),
    ]
    #expect(meanSquaredDistance(shrunk, stale) < meanSquaredDistance(turned, stale))
    func strength(of strengths: [Double], normalizes: Bool = true) throws -> Double? {
      let options = quickOptions {
        $0.ridgeStrengths = strengths
        $0.normalizes = normalizes
      }
      let pairs = CorrectionPairs(stale: stale, fresh: stale)
      let folded = FoldedPairs(pairs, try Folds(pairs, options: options))
      return RidgeSearch(pairs: folded, options: options) { maps[$1] }.chosen()
    }
    #expect(try strength(of: [1, 2, 3]) == 2)
    #expect(try strength(of: [3]) == nil)
    #expect(
      try strength(of: [1, 2], normalizes: false) == 1,
      "the temperature is one for cosines: other norms are judged by distance")
  }
}
