import Foundation
import TestSupport
import Testing

@testable import Reports

@Suite("Charts")
struct ChartTests {
  /// The samples for tools/check-report, which names the folder they are to be in.
  @Test("charts of all kinds are files of their own")
  func writesSamples() throws {
    let folder = try TemporaryFolder()
    let place = ProcessInfo.processInfo.environment["FRESHET_REPORT_SAMPLES"]
    let samples = place.map { URL(fileURLWithPath: $0) } ?? folder.url
    try FileManager.default.createDirectory(at: samples, withIntermediateDirectories: true)
    for (name, chart) in ChartSamples.all {
      #expect(misplacedTag(in: chart.file()) == nil && misplacedTag(in: chart.element()) == nil)
      try Data(chart.file().utf8).write(to: samples.appending(path: "\(name).svg"))
    }
  }

  func labels(_ axis: ChartAxis, _ values: [Double], isRounded: Bool = true) -> [String] {
    AxisRange(axis, values: values, isRounded: isRounded).marks.map(\.label)
  }

  @Test("marks are round numbers that hold the values")
  func linearMarks() {
    let axis = ChartAxis("")
    #expect(labels(axis, [0, 1]) == ["0", "0.2", "0.4", "0.6", "0.8", "1"])
    #expect(labels(axis, [0.31, 0.337]) == ["0.31", "0.32", "0.33", "0.34"])
    #expect(labels(axis, [-2e-5, 0]) == ["−2e-5", "−1.5e-5", "−1e-5", "−5e-6", "0"])
    #expect(labels(axis, [-3, 7]) == ["−4", "−2", "0", "2", "4", "6", "8"])
    #expect(labels(axis, [0, 2e-5]) == ["0", "5e-6", "1e-5", "1.5e-5", "2e-5"])
    #expect(labels(axis, [0, 100_000]) == ["0", "20k", "40k", "60k", "80k", "100k"])
    #expect(labels(axis, [0, 2_300_000]) == ["0", "0.5M", "1M", "1.5M", "2M", "2.5M"])
    #expect(labels(axis, [1, 300], isRounded: false) == ["100", "200", "300"])
    #expect(labels(ChartAxis("", numbers: .counts), [0, 2]) == ["0", "1", "2"])
    #expect(labels(ChartAxis("", numbers: .counts), [0, 12]) == ["0", "5", "10", "15"])
    #expect(
      labels(ChartAxis("", numbers: .percent), [0, 1])
        == ["0", "20%", "40%", "60%", "80%", "100%"])
    #expect(
      labels(ChartAxis("", numbers: .bytes, including: [0]), [0x1.8p30])
        == ["0", "0.5 GiB", "1 GiB", "1.5 GiB"])
  }

  @Test("no values, one value, and values that are none", arguments: [
    [], [0], [5], [-5], [.nan, 3], [.infinity, -.infinity], [1e-300], [1e299],
  ] as [[Double]])
  func degenerate(values: [Double]) {
    for scale in [ChartAxis.Scale.linear, .logarithmic] {
      let range = AxisRange(ChartAxis("", scale), values: values, isRounded: true)
      #expect(range.lower < range.upper && range.lower.isFinite && range.upper.isFinite)
      #expect((1...12).contains(range.marks.count), "\(range.marks)")
      #expect(Set(range.marks.map(\.label)).count == range.marks.count, "\(range.marks)")
      for mark in range.marks {
        #expect((-0.01...1.01).contains(range.place(of: mark.value) ?? .nan))
      }
      #expect(range.place(of: .nan) == nil && range.place(of: .infinity) == nil)
    }
  }

  @Test("logarithmic marks: powers of ten, with 2 and 5 when few, not all when many")
  func logarithmicMarks() {
    let axis = ChartAxis("", .logarithmic)
    #expect(labels(axis, [1, 1000]) == ["1", "10", "100", "1000"])
    #expect(labels(axis, [8, 70_000]) == ["10", "100", "1000", "10k"])
    #expect(labels(axis, [8, 500]) == ["10", "20", "50", "100", "200", "500"])
    #expect(labels(axis, [3.1, 4.2]).count >= 4, "falls back to even marks")
    #expect((3...8).contains(labels(axis, [1e-12, 1e12]).count))
    let range = AxisRange(axis, values: [-4, 0, 1, 100], isRounded: true)
    #expect(range.lower == 1 && range.upper == 100)
    #expect(range.place(of: 10) == 0.5 && range.place(of: 0) == nil && range.place(of: -1) == nil)
  }

  @Test("categories are where their numbers are")
  func categories() {
    let range = AxisRange(ChartAxis("", .categories(["a", "b"])), values: [], isRounded: false)
    #expect(range.place(of: 0) == 0.25 && range.place(of: 1) == 0.75)
    #expect(range.marks.map(\.label) == ["a", "b"])
  }

  @Test("thinning keeps ends and extremes of every column", arguments: [1, 7, 400])
  func envelope(columns: Int) {
    let count = 40_009
    let line = (0..<count).map { i -> Place in
      let height = i == 20_011 ? 50 : Double((i * 7919) % 101) / 101
      return Place(x: Double(i) / Double(count - 1), y: height)
    }
    let thin = Envelope.thinned(line, columns: columns)
    #expect(thin.count <= 4 * (columns + 1))
    #expect(thin.first == line.first && thin.last == line.last)
    #expect(thin.map(\.y).max() == 50 && thin.map(\.y).min() == 0)
    #expect(thin.map(\.x) == thin.map(\.x).sorted())
    #expect(Envelope.thinned(Array(line.prefix(4)), columns: 1).count == 4)
  }

  @Test("lines have gaps where values are not finite, and lone points are dots")
  func gaps() {
    let values = [1, 2, .nan, 3, .infinity, 4, 5.0]
    let points = values.enumerated().map { ChartPoint(Double($0), $1) }
    let svg = Chart(
      title: "t", x: ChartAxis(""), y: ChartAxis(""),
      series: [ChartSeries("", .line, points: points)]
    ).element()
    let path = svg.firstMatch(of: /class="stroke" d="([^"]*)"/)?.1 ?? ""
    #expect(path.filter { $0 == "M" }.count == 3 && path.contains("h0"))
    #expect(!svg.contains("nan") && !svg.contains("inf"))
  }

  @Test("values are drawn where the axes say")
  func places() throws {
    let chart = Chart(
      title: "t", x: ChartAxis("x"), y: ChartAxis("y"),
      series: [ChartSeries("", .points, points: [ChartPoint(0, 0), ChartPoint(10, 1)])])
    let frame = ChartFrame(chart, isTitled: false)
    #expect(frame.place(0, 0) == Place(x: frame.left, y: frame.bottom))
    #expect(frame.place(10, 1) == Place(x: frame.right, y: frame.top))
    let circles = chart.element().matches(of: /<circle cx="([0-9.]+)" cy="([0-9.]+)"/)
    #expect(circles.count == 2)
    #expect(circles.first?.1 == Markup.coordinate(frame.left)[...])
    #expect(circles.last?.2 == Markup.coordinate(frame.top)[...])
  }

  @Test("bars begin at 0, also those below it; series stand side by side")
  func bars() {
    let chart = Chart(
      title: "t", x: ChartAxis("", .categories(["a", "b"])), y: ChartAxis(""),
      series: [
        ChartSeries("s", .bars, points: [ChartPoint(0, 2), ChartPoint(1, -1)]),
        ChartSeries("t", .bars, color: 1, points: [ChartPoint(0, 1, low: 0.5, high: 1.5)]),
      ])
    let frame = ChartFrame(chart, isTitled: false)
    #expect(frame.y.lower <= -1 && frame.y.upper >= 2 && frame.base == frame.place(0, 0)?.y)
    let svg = chart.element()
    let starts = svg.matches(of: /<path class="fill" d="M([0-9.]+),([0-9.]+)m/).map {
      (Double($0.1) ?? 0, Double($0.2) ?? 0)
    }
    #expect(starts.count == 3 && starts.allSatisfy { abs($0.1 - frame.base) < 0.06 })
    #expect(starts[2].0 > starts[0].0 && starts[2].0 < starts[1].0)
    #expect(svg.contains("whisker"))
  }

  @Test("bars over numbers are as wide as these are apart, but for a gap")
  func histogram() throws {
    let points = [1.0, 3, 5, 9].map { ChartPoint($0, 2) }
    let chart = Chart(
      title: "t", x: ChartAxis("", including: [0, 10]), y: ChartAxis(""),
      series: [ChartSeries("", .bars, points: points)])
    let frame = ChartFrame(chart, isTitled: false)
    let bars = chart.element().matches(of: /class="fill" d="M([0-9.]+),[0-9.]+m-([0-9.]+),0V/)
    #expect(bars.count == 4)
    for (bar, point) in zip(bars, points) {
      let middle = try #require(frame.place(point.x, 0)).x
      #expect(abs((Double(bar.1) ?? 0) - middle) < 0.06)
      #expect(abs((Double(bar.2) ?? 0) - 0.9 * frame.width / 10) < 0.06)
    }
  }

  @Test("text of all origins is escaped; a file has its style and title, an element has not")
  func escaping() {
    let nasty = "<a&b>\"'\u{0}"
    let chart = Chart(
      title: nasty, x: ChartAxis(nasty, .categories([nasty])), y: ChartAxis(nasty),
      series: [ChartSeries(nasty, .points, points: [ChartPoint(0, 1, note: nasty)])],
      rules: [.horizontal(0.5, label: nasty), .vertical(0, label: nasty)])
    for svg in [chart.file(), chart.element()] {
      #expect(!svg.contains("<a") && !svg.contains("\u{0}"))
      #expect(svg.contains("&lt;a&amp;b&gt;&quot;&#39;\u{FFFD}"))
    }
    #expect(chart.file().contains("<style>") && !chart.element().contains("<style>"))
    #expect(ChartStyle.colors > 4 && ChartStyle.colorClass(ChartStyle.colors) == "color0")
  }

  @Test("long names take several lines, and end in … where these do not do")
  func wrapping() {
    func lines(_ name: String, _ width: Int = 8) -> [String] {
      WrappedName.lines(of: name, width: width, count: 3)
    }
    #expect(lines("in-batch") == ["in-batch"] && lines("").isEmpty)
    #expect(lines("a bc def ghi") == ["a bc def", "ghi"])
    #expect(lines("grad-accum, 8 in a bank of 1,024") == ["grad-", "accum, 8", "in a…"])
    #expect(lines("grad-accum of 8 or more") == ["grad-", "accum of", "8 or…"])
    #expect(lines("abcdefghijk -- l") == ["abcdefg…", "-- l"])
    #expect(lines("abcdef", 0) == ["ab…"])
  }

  @Test("numbers as text")
  func numbers() {
    let cases: [(Double, String)] = [
      (0, "0"), (1, "1"), (-2.5, "-2.5"), (0.3456789, "0.3457"), (123456, "123456"),
      (2e-5, "2e-5"), (1e-9, "1e-9"), (0.000999, "0.000999"), (99.999, "100"), (1e20, "1e20"),
      (.infinity, "∞"), (-.infinity, "−∞"), (.nan, "–"),
    ]
    for (number, text) in cases { #expect(NumberUnit.short(number, digits: 4) == text) }
    #expect(NumberUnit.decimal(-0.04, places: 1) == "0")
    #expect(NumberUnit.decimal(10, places: 0) == "10")
    #expect(NumberUnit.decimal(0.05, places: 1) == "0.1")
  }
}
