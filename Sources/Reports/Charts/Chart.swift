/// A drawing of series over a common axis, as the text of an SVG picture.
///
/// It knows nothing of what it draws: lines, bands, points with intervals and bars, over numbers or
/// categories, linear or logarithmic. Colours follow the reader's choice of light or dark.
public struct Chart: Sendable {
  /// What is shown; drawn above the plot when the picture is a file of its own, and told to readers
  /// who do not see it.
  public var title: String
  public var x: ChartAxis
  public var y: ChartAxis
  /// Drawn in this order, the last on top.
  public var series: [ChartSeries]
  /// Lines across the plot that values are compared with.
  public var rules: [ChartRule]
  /// Extent in units of the drawing; letters are 13 high.
  public var width = 380.0, height = 235.0

  public init(
    title: String, x: ChartAxis, y: ChartAxis, series: [ChartSeries], rules: [ChartRule] = []
  ) {
    self.title = title
    self.x = x
    self.y = y
    self.series = series
    self.rules = rules
  }
}

/// One axis of a ``Chart``.
public struct ChartAxis: Sendable {
  /// How values become places.
  public enum Scale: Sendable, Equatable {
    case linear
    /// By the logarithm; values that are not above 0 are not drawn.
    case logarithmic
    /// Names side by side, of the values 0, 1, 2 ….
    case categories([String])
  }

  /// How numbers are written.
  public enum Numbers: Sendable {
    /// 0.25, 1.5k, 2e-5.
    case plain
    /// Whole numbers: 5, 1.5k.
    case counts
    /// Bytes, in B, KiB, MiB, GiB.
    case bytes
    /// Shares, in percent.
    case percent
  }

  /// What is counted, with its unit; may be empty.
  public var label: String
  public var scale: Scale
  public var numbers: Numbers
  /// Values the axis reaches in any case, such as 0.
  public var including: [Double]

  public init(
    _ label: String, _ scale: Scale = .linear, numbers: Numbers = .plain, including: [Double] = []
  ) {
    self.label = label
    self.scale = scale
    self.numbers = numbers
    self.including = including
  }
}

/// One series of a ``Chart``.
public struct ChartSeries: Sendable {
  /// How points are drawn.
  public enum Shape: Sendable {
    case line
    /// A thin, pale line: the noise behind another.
    case faintLine
    case dashedLine
    /// Dots, with whiskers from ``ChartPoint/low`` to ``ChartPoint/high``.
    case points
    /// Dots, with whiskers, on a line.
    case linePoints
    /// One large dot or several, to mark.
    case marks
    /// Bars from 0, with whiskers. Over categories side by side where several series have some;
    /// over numbers as wide as these are apart.
    case bars
    /// The area between ``ChartPoint/low`` and ``ChartPoint/high``.
    case band
  }

  /// For the legend; empty for a series that needs no name.
  public var name: String
  public var shape: Shape
  /// Which of the colours of ``ChartStyle``, from 0.
  public var color: Int
  /// By ascending x where they are joined. Gaps are left at values that are not finite.
  public var points: [ChartPoint]

  public init(_ name: String, _ shape: Shape, color: Int = 0, points: [ChartPoint]) {
    self.name = name
    self.shape = shape
    self.color = color
    self.points = points
  }
}

/// A value of a series.
public struct ChartPoint: Sendable, Equatable {
  public var x: Double, y: Double
  /// An interval around `y`, such as one of confidence.
  public var low: Double?, high: Double?
  /// What is said of the point when asked.
  public var note: String?

  public init(
    _ x: Double, _ y: Double, low: Double? = nil, high: Double? = nil, note: String? = nil
  ) {
    (self.x, self.y) = (x, y)
    (self.low, self.high) = (low, high)
    self.note = note
  }
}

/// A dashed line across a ``Chart``; the legend has its label, unless that is empty.
public enum ChartRule: Sendable {
  /// At a value of y.
  case horizontal(Double, label: String)
  /// At a value of x.
  case vertical(Double, label: String)
}
