internal import Corrector
internal import Reports

/// The charts of a refresh's report.
struct RefreshFigures {
  let findings: RefreshFindings

  var all: [ReportFigure] {
    [ways, neighbours, divergence, drift, calibration, histogram].compactMap { $0 }
  }

  /// Each way's quality by every metric that is a share.
  private var ways: ReportFigure? {
    let names = findings.ways.map(\.name)
    let metrics = RefreshWords.metrics(of: findings.ways).filter { $0 != "kl" }
    let series = metrics.enumerated().map { color, metric in
      ChartSeries(
        metric, .points, color: color,
        points: findings.ways.enumerated().compactMap { place, way in
          way.quality[metric].map { point(place, $0) }
        })
    }
    return figure(
      "Quality of each way", "with 95% intervals, on \(findings.things) no fitting has seen",
      ChartAxis("", .categories(names)), ChartAxis("", including: [1]), series)
  }

  private var neighbours: ReportFigure? {
    correctors(
      "Correctors", "share of true neighbours found, and cosine to the new vectors",
      [("neighbours@10", { $0.recallAt10 }), ("cosine", { $0.cosine })],
      ChartAxis("", including: [1]))
  }

  private var divergence: ReportFigure? {
    correctors(
      "Divergence", "KL of the retrieval softmax, in nats: 0 is perfect", [("", { $0.kl })],
      ChartAxis("", including: [0]))
  }

  private func correctors(
    _ title: String, _ note: String, _ values: [(String, (Judgement) -> Interval)], _ y: ChartAxis
  ) -> ReportFigure? {
    let series = values.enumerated().map { color, value in
      ChartSeries(
        value.0, .points, color: color,
        points: findings.candidates.enumerated().map { place, candidate in
          let interval = value.1(candidate.judgement)
          return point(place, [interval.low, interval.estimate, interval.high])
        })
    }
    let names = findings.candidates.map { $0.kind.rawValue + ($0.isChosen ? " (used)" : "") }
    return figure(title, note, ChartAxis("", .categories(names)), y, series)
  }

  /// How many rows are how far from the new encoder's vectors, kept and corrected.
  private var drift: ReportFigure? {
    let curves = [("stale vectors", findings.staleDrifts), ("corrected", findings.correctedDrifts)]
    return figure(
      "Drift",
      "share of \(findings.correctedDrifts.count) held-out \(findings.things) within a distance "
        + "of the new vectors",
      ChartAxis("1 − cosine", including: [0]), ChartAxis("", numbers: .percent, including: [0, 1]),
      curves.enumerated().compactMap { color, curve in
        curve.1.map {
          ChartSeries(curve.0, .line, color: color, points: DriftCurve($0).points())
        }
      })
  }

  /// Mean true error of held-out rows over their mean predicted error, by tenths of the prediction.
  private var calibration: ReportFigure? {
    let bins = CalibrationBins(findings.points, count: 10)
    guard let largest = bins.all.map({ max($0.predicted, $0.high) }).max() else { return nil }
    let correlation = NumberUnit.short(findings.calibration.rankCorrelation, digits: 2)
    return figure(
      "Are predicted errors true?",
      "tenths of \(findings.points.count) held-out rows; rank correlation \(correlation)",
      ChartAxis("predicted error", including: [0]), ChartAxis("true error", including: [0]),
      [
        ChartSeries(
          "as predicted", .dashedLine, color: 3,
          points: [ChartPoint(0, 0), ChartPoint(largest, largest)]),
        ChartSeries(
          "mean of a tenth, with 95% interval", .points,
          points: bins.all.map {
            ChartPoint($0.predicted, $0.actual, low: $0.low, high: $0.high)
          }),
      ])
  }

  private var histogram: ReportFigure? {
    let bins = HistogramBins(findings.predictedErrors.map(Double.init), count: 20)
    let count = findings.predictedErrors.count
    let share = count < findings.total ? "\(count) of \(findings.total)" : "all \(count)"
    return figure(
      "Predicted errors", "1 − cosine to the new encoder's vector, of \(share) \(findings.things)",
      ChartAxis("predicted error", including: [bins.low, bins.high]),
      ChartAxis(findings.things, numbers: .counts, including: [0]),
      [
        ChartSeries(
          "", .bars, color: 5, points: bins.counts.map { ChartPoint($0.middle, Double($0.count)) })
      ])
  }

  private func point(_ place: Int, _ interval: [Double]) -> ChartPoint {
    ChartPoint(
      Double(place), interval[1], low: interval[0], high: interval[2],
      note: RefreshWords.interval(interval))
  }

  private func figure(
    _ title: String, _ note: String, _ x: ChartAxis, _ y: ChartAxis, _ series: [ChartSeries]
  ) -> ReportFigure? {
    guard series.contains(where: { !$0.points.isEmpty }) else { return nil }
    return ReportFigure(
      title: title, note: note,
      chart: Chart(title: "\(title): \(note)", x: x, y: y, series: series))
  }
}

/// Rows in parts of equal size by their predicted error.
struct CalibrationBins {
  struct Bin: Equatable {
    /// Means of the part.
    var predicted: Double, actual: Double
    /// 95% interval of the mean true error, by the normal distribution.
    var low: Double, high: Double
  }

  let all: [Bin]

  init(_ points: [CalibrationPoint], count: Int) {
    let sorted = points.sorted { $0.predicted < $1.predicted }
    let count = max(1, min(count, sorted.count / 5))
    all = (0..<count).compactMap { part in
      let rows = sorted[sorted.count * part / count..<sorted.count * (part + 1) / count]
      guard !rows.isEmpty else { return nil }
      let n = Double(rows.count)
      let mean = rows.reduce(0) { $0 + $1.actual } / n
      let variance = rows.reduce(0) { $0 + ($1.actual - mean) * ($1.actual - mean) }
      let half = 1.96 * (variance / max(n - 1, 1) / n).squareRoot()
      return Bin(
        predicted: rows.reduce(0) { $0 + $1.predicted } / n, actual: mean,
        low: max(mean - half, 0), high: mean + half)
    }
  }
}

/// Counts of values in equal parts of the range from the smallest to the largest.
struct HistogramBins {
  let low: Double, high: Double
  let counts: [(middle: Double, count: Int)]

  init(_ values: [Double], count: Int) {
    let values = values.filter(\.isFinite)
    low = values.min() ?? 0
    let top = values.max() ?? 0
    high = top > low ? top : low + 1e-3
    let width = (high - low) / Double(count)
    var counts = [Int](repeating: 0, count: count)
    for value in values { counts[min(Int((value - low) / width), count - 1)] += 1 }
    let low = low
    self.counts = counts.enumerated().map { (low + (Double($0) + 0.5) * width, $1) }
  }
}
