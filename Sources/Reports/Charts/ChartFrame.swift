/// Where the parts of a chart lie in its picture, in units of the drawing, y downwards.
struct ChartFrame {
  let x: AxisRange, y: AxisRange
  let left: Double, right: Double, top: Double, bottom: Double
  /// What the legend tells of.
  enum Key {
    case series(ChartSeries)
    case rule(String)

    var name: String {
      switch self {
      case .series(let series): series.name
      case .rule(let label): label
      }
    }
  }

  /// Rows of the legend, and the place of each entry: its left end.
  let legend: [[(key: Key, left: Double)]]
  /// Where the legend's first row has its base line.
  let legendTop: Double
  /// The names below the x axis, in the lines they take.
  let names: [[String]]

  /// Height of a row of text, and mean widths of digits and letters, those of a wide font; they are
  /// 12.5 high.
  static let row = 18.0, digit = 7.8, letter = 7.3

  init(_ chart: Chart, isTitled: Bool) {
    let points = chart.series.flatMap(\.points)
    x = AxisRange(chart.x, values: points.map(\.x) + chart.verticals, isRounded: false)
    let heights = points.lazy.flatMap { [$0.y, $0.low ?? $0.y, $0.high ?? $0.y] }
    let base = chart.series.contains { $0.shape == .bars } ? [0.0] : []
    y = AxisRange(chart.y, values: heights + chart.horizontals + base, isRounded: true)
    left = 12 + Self.digit * Double(y.marks.map(\.label.count).max() ?? 0)
    right = chart.width - 18
    let slot = Int((right - left) / Double(max(x.marks.count, 1)) / Self.letter)
    names = x.marks.map {
      chart.x.isNamed ? WrappedName.lines(of: $0.label, width: slot - 1, count: 3) : [$0.label]
    }
    legend = Self.legend(chart.keys.filter { !$0.name.isEmpty }, from: 6, to: chart.width - 6)
    let title = isTitled ? 1.4 * Self.row : 0
    legendTop = title + Self.row - 4
    let unit = chart.y.label.isEmpty ? 0 : Self.row + 4
    top = title + 10 + Self.row * Double(legend.count) + unit
    let rows = Double(names.map(\.count).max() ?? 1) + (chart.x.label.isEmpty ? 0 : 1)
    bottom = chart.height - 6 - (Self.row - 2) * rows
  }

  var width: Double { right - left }

  /// Where a value is drawn, or nil where it cannot be.
  func place(_ x: Double, _ y: Double) -> Place? {
    guard let across = self.x.place(of: x), let up = self.y.place(of: y) else { return nil }
    return Place(x: left + across * width, y: bottom - up * (bottom - top))
  }

  /// Where bars begin: at 0, or at the lower end where there is no 0.
  var base: Double { place(x.lower, max(y.lower, min(0, y.upper)))?.y ?? bottom }

  /// Entries side by side, in as many rows as they need.
  private static func legend(
    _ keys: [Key], from left: Double, to right: Double
  ) -> [[(key: Key, left: Double)]] {
    var rows: [[(key: Key, left: Double)]] = keys.isEmpty ? [] : [[]]
    var end = left
    for key in keys {
      let width = 26 + letter * Double(key.name.count)
      if end + width > right, !rows[rows.count - 1].isEmpty {
        rows.append([])
        end = left
      }
      rows[rows.count - 1].append((key, end))
      end += width + 14
    }
    return rows
  }
}

extension Chart {
  /// What a legend tells of.
  fileprivate var keys: [ChartFrame.Key] {
    series.map { .series($0) }
      + rules.map { rule in
        switch rule {
        case .horizontal(_, let label), .vertical(_, let label): .rule(label)
        }
      }
  }

  fileprivate var horizontals: [Double] {
    rules.compactMap { if case .horizontal(let value, _) = $0 { value } else { nil } }
  }

  fileprivate var verticals: [Double] {
    rules.compactMap { if case .vertical(let value, _) = $0 { value } else { nil } }
  }
}

extension ChartAxis {
  /// Whether the axis is one of names.
  var isNamed: Bool { if case .categories = scale { true } else { false } }
}
