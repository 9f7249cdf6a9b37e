import Reports

extension Cell {
  /// MRR@10 in points at `x`, with the deviation over the seeds around it.
  func point(_ x: Int) -> ChartPoint {
    let spread = spread(of: "mrr@10")
    return ChartPoint(
      Double(x), spread.mean * 100, low: (spread.mean - spread.deviation) * 100,
      high: (spread.mean + spread.deviation) * 100)
  }
}

extension Chart {
  /// MRR@10 of cells over named places of the x axis.
  static func quality(
    _ title: String, over label: String, _ places: [String], series: [(String, [Cell])],
    rules: [ChartRule] = []
  ) -> Chart {
    Chart(
      title: title, x: ChartAxis(label, .categories(places)), y: ChartAxis("MRR@10, points"),
      series: series.enumerated().map { color, series in
        ChartSeries(
          series.0, .linePoints, color: color,
          points: series.1.enumerated().map { $1.point($0) })
      },
      rules: rules)
  }
}
