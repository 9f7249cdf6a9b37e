import Corrector
import Tensors
import TestSupport
import Testing

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
    let points = report.calibrationPoints(of: pairs, seed: 0)
    try #require(points.count == report.heldOutRows.count)
    let held = pairs.gathering(report.heldOutRows)
    let corrected = report.corrector.apply(held.stale)
    for (row, point) in points.enumerated() {
      let cosine = zip(corrected.row(row), held.fresh.row(row)).reduce(Float(0)) {
        $0 + $1.0 * $1.1
      } / corrected[rows: row..<row + 1].rowNorms()[0]
      #expect(abs(point.actual - Double(1 - cosine)) < 1e-5)
      #expect((0...2).contains(point.predicted))
    }
    #expect(Set(points.map(\.predicted)).count > 3)
    var other = pairs
    let first = report.heldOutRows[0]
    other.fresh.setRow(first, to: pairs.fresh.row(first).map { -$0 })
    let changed = report.calibrationPoints(of: other, seed: 0)
    #expect(abs(changed[0].actual - (2 - points[0].actual)) < 1e-5)
    let moved = points.indices.filter { changed[$0].predicted != points[$0].predicted }
    #expect(!moved.isEmpty && moved.allSatisfy { $0 % 2 == 1 }, "the other half learns from it")
  }
}
