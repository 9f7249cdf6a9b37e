import Reports
import Tensors

/// A chart of every kind.
enum ChartSamples {
  static let all: [(name: String, chart: Chart)] = [
    ("bars", bars), ("intervals", intervals), ("sizes", sizes), ("scatter", scatter),
    ("histogram", histogram),
  ]

  private static let methods = ["in-batch", "grad-accum", "grad-cache", "cont-accum"]

  private static var bars: Chart {
    func points(_ values: [Double]) -> [ChartPoint] {
      values.enumerated().map { i, value in
        ChartPoint(Double(i), value, low: value - 0.02, high: value + 0.015, note: "\(value)")
      }
    }
    return Chart(
      title: "nDCG@10 by method, mean of 5 seeds", x: ChartAxis("", .categories(methods)),
      y: ChartAxis("nDCG@10"),
      series: [
        ChartSeries("no hard negatives", .bars, points: points([0.41, 0.38, 0.46, 0.45])),
        ChartSeries("1 hard negative", .bars, color: 1, points: points([0.44, 0.4, 0.49, 0.485])),
      ], rules: [.horizontal(0.36, label: "BM25")])
  }

  private static var intervals: Chart {
    func points(_ values: [Double]) -> [ChartPoint] {
      values.enumerated().map { i, value in
        ChartPoint(Double(i), value, low: value - 0.02, high: value + 0.015)
      }
    }
    let names = methods.map { "\($0), 1,024 examples in the bank" }
    return Chart(
      title: "Differences with 95% intervals", x: ChartAxis("", .categories(names)),
      y: ChartAxis("difference in nDCG@10"),
      series: [
        ChartSeries("tied", .points, color: 2, points: points([-0.03, 0.001, 0.04, 0.02])),
        ChartSeries("untied", .points, color: 3, points: points([-0.02, 0.01, 0.05, -0.01])),
      ], rules: [.horizontal(0, label: "no difference")])
  }

  private static var sizes: Chart {
    let sizes = [8.0, 32, 128, 512, 2048, 8192, 65536]
    let flat = sizes.map { ChartPoint($0, 1.1e9 + 3e3 * $0, low: 1e9, high: 1.3e9 + 6e3 * $0) }
    return Chart(
      title: "Peak memory by batch size", x: ChartAxis("batch", .logarithmic),
      y: ChartAxis("resident", .logarithmic, numbers: .bytes),
      series: [
        ChartSeries("", .band, color: 0, points: flat),
        ChartSeries("grad-cache", .linePoints, points: flat),
        ChartSeries(
          "in-batch", .dashedLine, color: 1,
          points: sizes.prefix(4).map { ChartPoint($0, 8e8 + 4e7 * $0) }),
      ], rules: [.vertical(128, label: "PyTorch runs out")])
  }

  private static var scatter: Chart {
    var random = RandomStream(seed: 4)
    let points = (0..<80).map { _ in
      let x = random.normal()
      return ChartPoint(x, 0.6 * x + 0.3 * random.normal())
    }
    return Chart(
      title: "Predicted and true error", x: ChartAxis("predicted"), y: ChartAxis("true"),
      series: [ChartSeries("", .points, color: 4, points: points)])
  }

  private static var histogram: Chart {
    var random = RandomStream(seed: 5)
    var counts = [Double](repeating: 0, count: 24)
    for _ in 0..<9_000 {
      counts[min(Int(4 * abs(random.normal()) * (1 + abs(random.normal()))), 23)] += 1
    }
    return Chart(
      title: "Predicted errors", x: ChartAxis("predicted error", including: [0, 0.24]),
      y: ChartAxis("passages", numbers: .counts),
      series: [
        ChartSeries(
          "", .bars, color: 5,
          points: counts.enumerated().map { ChartPoint(0.01 * (Double($0) + 0.5), $1) })
      ], rules: [.vertical(0.048, label: "mean 0.048")])
  }
}
