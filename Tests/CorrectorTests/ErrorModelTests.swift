import Foundation
import Tensors
import Testing

@testable import Corrector

@Suite("Predicted errors")
struct ErrorModelTests {
  /// Two crowds of passages: one drifts linearly, the other to where no map can follow.
  private func crowds(_ rows: Int, seed: UInt64) -> CorrectionPairs {
    var stale = gaussian(rows, 10, seed: seed)
    stale.scale(by: 0.15)
    let noise = gaussian(rows, 10, seed: seed + 1)
    for row in 0..<rows { stale[row, row % 4 == 0 ? 1 : 0] += 1 }
    stale.normalizeRows()
    var fresh = linearDrift(stale, size: 0.5, seed: 77)
    for row in 0..<rows {
      let size: Float = row % 4 == 0 ? 0.3 : 0.05
      fresh.setRow(row, to: zip(fresh.row(row), noise.row(row)).map { $0 + size * $1 })
    }
    fresh.normalizeRows()
    return CorrectionPairs(stale: stale, fresh: fresh)
  }

  @Test("predictions match the errors of passages neither fitted nor calibrated on")
  func calibration() throws {
    let report = try fit(crowds(1200, seed: 1), quickOptions { $0.kinds = [.ridge] })
    #expect(report.corrector.kind == .ridge)
    let unseen = crowds(1000, seed: 5)
    let corrected = report.corrector.apply(unseen.stale)
    let predicted = report.predictedErrors(stale: unseen.stale, corrected: corrected)
      .map { Double($0) }
    let actual = rowCosines(corrected, unseen.fresh).map { 1 - $0 }
    #expect(predicted.allSatisfy { $0 >= 0 && $0 <= 2 })
    #expect(abs(mean(predicted) - mean(actual)) < 0.1 * mean(actual))
    // Also where it matters: among the rows predicted worst, and among those predicted best.
    let order = predicted.indices.sorted { predicted[$0] < predicted[$1] }
    for part in [order.prefix(500), order.suffix(200)] {
      let (p, a) = (mean(part.map { predicted[$0] }), mean(part.map { actual[$0] }))
      #expect(abs(p - a) < 0.2 * a, "predicted \(p), actual \(a)")
    }
    let worst = order.suffix(200).map { actual[$0] }, best = order.prefix(200).map { actual[$0] }
    #expect(mean(worst) > 2 * mean(best))
    #expect(spearman(predicted, actual) > 0.3)
  }

  @Test("the report says how far its predictions can be trusted")
  func reportedCalibration() throws {
    let report = try fit(crowds(1200, seed: 1), quickOptions { $0.kinds = [.ridge] })
    let calibration = report.errorModel.calibration
    #expect(abs(calibration.meanPredicted - calibration.meanActual) < 0.1 * calibration.meanActual)
    #expect(calibration.rankCorrelation > 0.3)
    #expect(calibration.worstFifth > 2 * calibration.bestFifth)
  }

  @Test("no skill is claimed where errors are pure noise")
  func noSkillInNoise() {
    var claimed: [Double] = []
    for seed in UInt64(0)..<30 {
      var random = RandomStream(seed: seed)
      let stale = unitRows(90, 6, seed: seed), corrected = unitRows(90, 6, seed: seed + 100)
      let model = ErrorModel(
        stale: stale, corrected: corrected, errors: (0..<90).map { _ in random.uniform() },
        grounds: FitGrounds(of: unitRows(90, 6, seed: seed + 200), seed: 1))
      claimed.append(model.calibration.rankCorrelation)
    }
    // Predicting the rows that were calibrated on would claim about 0.2 here.
    #expect(mean(claimed) < 0.05, "\(mean(claimed))")
  }

  @Test("predictions do not depend on the block a row is in")
  func blocks() throws {
    let report = try fit(crowds(300, seed: 1), quickOptions { $0.kinds = [.ridge] })
    let unseen = crowds(1100, seed: 9).stale
    let corrected = report.corrector.apply(unseen)
    let all = report.predictedErrors(stale: unseen, corrected: corrected)
    let tail = report.predictedErrors(
      stale: unseen[rows: 1090..<1100], corrected: corrected[rows: 1090..<1100])
    #expect(zip(all.suffix(10), tail).allSatisfy { abs($0 - $1) < 1e-5 })
    let none = Matrix(rows: 0, columns: 10)
    #expect(report.predictedErrors(stale: none, corrected: none).isEmpty)
  }

  @Test("a model survives JSON")
  func json() throws {
    let report = try fit(crowds(300, seed: 1), quickOptions { $0.kinds = [.ridge] })
    let data = try JSONEncoder().encode(report.errorModel)
    #expect(try JSONDecoder().decode(ErrorModel.self, from: data) == report.errorModel)
    let table = try JSONEncoder().encode(report.table)
    #expect(try JSONDecoder().decode([JudgedCandidate].self, from: table) == report.table)
  }

  @Test("the score is least squares")
  func leastSquares() {
    let signs = (0..<40).map {
      ErrorSigns(moved: Double($0 % 7) / 10, strangeness: Double($0 % 5) / 4)
    }
    let score = LinearScore(
      fitting: signs.map { 0.1 + 2 * $0.moved - 0.5 * $0.strangeness }, to: signs)
    for sign in signs {
      #expect(abs(score.value(sign) - (0.1 + 2 * sign.moved - 0.5 * sign.strangeness)) < 1e-4)
    }
    // A sign that never varies says nothing, and breaks nothing.
    let flat = signs.map { ErrorSigns(moved: 0, strangeness: $0.strangeness) }
    let one = LinearScore(fitting: flat.map { 0.2 + $0.strangeness }, to: flat)
    #expect(flat.allSatisfy { abs(one.value($0) - 0.2 - $0.strangeness) < 1e-4 })
  }

  @Test("the curve never falls, and keeps the mean")
  func monotone() {
    var random = RandomStream(seed: 4)
    let scores = (0..<400).map { _ in random.uniform() }
    let errors = scores.map { abs($0 * $0 + 0.2 * random.normal()) }
    let curve = MonotoneCurve(fitting: errors, to: scores)
    let grid = stride(from: -1.0, through: 2, by: 0.01).map { curve.value(at: $0) }
    #expect(zip(grid, grid.dropFirst()).allSatisfy { $0 <= $1 })
    #expect(grid.first == curve.errors.first && grid.last == curve.errors.last)
    #expect(abs(mean(scores.map { curve.value(at: $0) }) - mean(errors)) < 0.02)
    #expect(curve.errors.count > 4)
    // Errors that fall with the score leave one flat pool.
    let flat = MonotoneCurve(fitting: scores.map { 1 - $0 }, to: scores)
    #expect(flat.errors.count == 1)
    #expect(abs(flat.value(at: 0.3) - mean(scores.map { 1 - $0 })) < 1e-12)
    #expect(MonotoneCurve(fitting: [0.25], to: [3]).value(at: 99) == 0.25)
  }

  @Test("distance to the ground is that to the nearest cluster")
  func grounds() {
    let near = withNoise(Matrix([[Float]](repeating: [1, 0, 0], count: 50)), size: 0.1, seed: 5)
    let far = withNoise(Matrix([[Float]](repeating: [0, 1, 0], count: 50)), size: 0.1, seed: 6)
    let ground = FitGrounds(of: Matrix.concatenatingRows([near, far]), seed: 7)
    let distances = ground.distances(of: Matrix([[1, 0, 0], [0, 1, 0], [0, 0, 1]]))
    #expect(distances[0] < 0.3 && distances[1] < 0.3)
    #expect(distances[2] > 1)
    let single = FitGrounds(of: Matrix([[3, 4]]), seed: 8)
    #expect(abs(single.distances(of: Matrix([[0, 0]]))[0] - 5) < 1e-6)
  }

  @Test("rank correlation", arguments: zip([[1.0, 2, 3], [3, 2, 1], [5, 5, 5]], [1.0, -1, 0]))
  func ranks(values: [Double], expected: Double) {
    #expect(abs(spearman(values, [10, 20, 30]) - expected) < 1e-12)
  }

  @Test("ties share their rank")
  func ties() {
    // Ranks 0.5, 0.5, 2, 3 against 0, 1, 2, 3.
    #expect(abs(spearman([1, 1, 2, 3], [1, 2, 3, 4]) - 0.948_683) < 1e-6)
  }
}
