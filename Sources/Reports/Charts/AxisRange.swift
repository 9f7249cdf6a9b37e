import Glibc

/// The part of an axis that is drawn: its ends, its marks, and where values lie between them.
struct AxisRange: Equatable {
  /// A place that has a name.
  struct Mark: Equatable {
    let value: Double
    let label: String
  }

  let lower: Double, upper: Double
  let isLogarithmic: Bool
  let marks: [Mark]

  /// The range of `axis` that holds `values`.
  ///
  /// - Parameters:
  ///   - values: what is drawn; those that cannot be drawn are passed over.
  ///   - isRounded: whether the ends are moved out to marks.
  init(_ axis: ChartAxis, values: some Sequence<Double>, isRounded: Bool) {
    if case .categories(let names) = axis.scale {
      (lower, upper) = (-0.5, Double(max(names.count, 1)) - 0.5)
      isLogarithmic = false
      marks = names.enumerated().map { Mark(value: Double($0), label: $1) }
      return
    }
    isLogarithmic = axis.scale == .logarithmic
    let ends = Self.ends(values, axis.including, isLogarithmic: isLogarithmic)
    let unit = NumberUnit(axis.numbers, largest: max(abs(ends.lowerBound), abs(ends.upperBound)))
    let scaled = ends.lowerBound / unit.size...ends.upperBound / unit.size
    var found = Self.ticks(
      scaled, isLogarithmic: isLogarithmic,
      least: axis.numbers == .counts && unit.size == 1 ? 1 : 0)
    var (low, high) = (scaled.lowerBound, scaled.upperBound)
    if isRounded, !isLogarithmic, found.step > 0 {
      low = (low / found.step + 1e-9).rounded(.down) * found.step
      high = (high / found.step - 1e-9).rounded(.up) * found.step
      found = (Self.multiples(of: found.step, in: low...high), found.step)
    }
    (lower, upper) = (low * unit.size, high * unit.size)
    let values = found.values.map { $0 * unit.size }
    let labels =
      found.step > 0 ? unit.labels(found.values) : values.map { Self.label(axis.numbers, $0) }
    marks = zip(values, labels).map { Mark(value: $0, label: $1) }
  }

  /// Where `value` lies: 0 at the lower end, 1 at the upper; nil where it cannot be drawn.
  func place(of value: Double) -> Double? {
    guard value.isFinite, !isLogarithmic || value > 0 else { return nil }
    return isLogarithmic
      ? log(value / lower) / log(upper / lower) : (value - lower) / (upper - lower)
  }

  /// The smallest and the largest value, moved apart where they are one.
  private static func ends(
    _ values: some Sequence<Double>, _ including: [Double], isLogarithmic: Bool
  ) -> ClosedRange<Double> {
    var (low, high) = (Double.infinity, -Double.infinity)
    func hold(_ value: Double) {
      guard value.isFinite, abs(value) < 1e300, !isLogarithmic || value > 1e-300 else { return }
      (low, high) = (min(low, value), max(high, value))
    }
    for value in values { hold(value) }
    for value in including { hold(value) }
    if isLogarithmic {
      guard low <= high else { return 1...10 }
      return high / low > 1.01 ? low...high : low / 1.5...high * 1.5
    }
    guard low <= high else { return 0...1 }
    if high - low > 1e-9 * max(abs(low), abs(high)) { return low...high }
    return low == 0 ? 0...1 : low - abs(low) / 10...high + abs(high) / 10
  }
}

/// Where marks are put.
extension AxisRange {
  /// A number in its own unit, for marks that differ by orders of magnitude.
  private static func label(_ numbers: ChartAxis.Numbers, _ value: Double) -> String {
    let unit = NumberUnit(numbers, largest: abs(value))
    return unit.labels([value / unit.size])[0]
  }

  /// About five round numbers in `range`, and the distance between them, at least `least`; 0 where
  /// it is not the same for all.
  private static func ticks(
    _ range: ClosedRange<Double>, isLogarithmic: Bool, least: Double
  ) -> (values: [Double], step: Double) {
    if isLogarithmic {
      let values = logarithmicTicks(range)
      if values.count > 1 { return (values, 0) }
    }
    let step = max(least, roundStep((range.upperBound - range.lowerBound) / 5))
    return (multiples(of: step, in: range), step)
  }

  /// The least of 1, 2, 2.5, 5 and 10 times a power of ten that is not below `rough`.
  private static func roundStep(_ rough: Double) -> Double {
    let power = pow(10, log10(rough).rounded(.down))
    let factors = power == 1 ? [1.0, 2, 5, 10] : [1, 2, 2.5, 5, 10]
    return (factors.first { $0 * power >= rough * 0.999 } ?? 10) * power
  }

  private static func multiples(of step: Double, in range: ClosedRange<Double>) -> [Double] {
    let first = (range.lowerBound / step - 1e-6).rounded(.up)
    let last = (range.upperBound / step + 1e-6).rounded(.down)
    return stride(from: first, through: last, by: 1).map { $0 * step }
  }

  /// Powers of ten; with their two- and fivefold when the range spans less than three.
  private static func logarithmicTicks(_ range: ClosedRange<Double>) -> [Double] {
    let first = Int(log10(range.lowerBound).rounded(.down))
    let last = Int(log10(range.upperBound).rounded(.up))
    let factors = log10(range.upperBound / range.lowerBound) < 3 ? [1.0, 2, 5] : [1]
    let apart = max(1, (last - first + 4) / 6)
    return stride(from: first, through: last, by: apart).flatMap { power in
      factors.map { $0 * pow(10, Double(power)) }
    }.filter { (range.lowerBound * 0.999...range.upperBound * 1.001).contains($0) }
  }
}
