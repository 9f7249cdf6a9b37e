import Tensors
import TestSupport
import Testing

@testable import Corrector

@Suite("Predicted and true errors of held-out rows") struct CalibrationPointsTests {
  /// Pairs whose error grows with the first coordinate.
  private func pairs() -> CorrectionPairs {
    var stale = Matrix.normal(300, 8, seed: 1)
    stale.normalizeRows()
    var fresh = stale
    let noise = Matrix.normal(300, 8, seed: 2)
    for row in 0..<300 {
      let size = max(stale[row, 0], 0)
      fresh.setRow(row, to: zip(stale.row(row), noise.row(row)).map { $0 + size * $1 })
    }
    fresh.normalizeRows()
    return CorrectionPairs(stale: stale, fresh: fresh)
  }

  private func report(_ pairs: CorrectionPairs) throws -> CorrectorReport {
    var options = FitOptions()
    options.kinds = [.ridge]
    options.bootstrapSamples = 20
    return try fitCorrectors(pairs, queries: nil, options: options, clock: { 0 })
  }

  @Test("a point for each row, with its true error, predicted without it")
  func points() throws {
    let pairs = pairs()
    let report = try report(pairs)
    let points = report.errorModel.calibrationPoints
    try #require(points.count == report.heldOutRows.count)
    let held = pairs.gathering(report.heldOutRows)
    let cosines = rowCosines(report.heldOut, held.fresh)
    for (cosine, point) in zip(cosines, points) {
      #expect(abs(point.actual - (1 - cosine)) < 1e-5)
      #expect((0...2).contains(point.predicted))
    }
    #expect(Set(points.map(\.predicted)).count > 3)
    var errors = cosines.map { 1 - $0 }
    func predicted(_ errors: [Double]) -> [CalibrationPoint] {
      ErrorModel(
        stale: held.stale, corrected: report.heldOut, errors: errors,
        grounds: FitGrounds(of: held.stale, seed: 0)
      ).calibrationPoints
    }
    let before = predicted(errors)
    errors[0] = 2
    let after = predicted(errors)
    let moved = before.indices.filter { after[$0].predicted != before[$0].predicted }
    #expect(!moved.isEmpty && moved.allSatisfy { $0 % 2 == 1 }, "the other half learns from it")
  }
}
