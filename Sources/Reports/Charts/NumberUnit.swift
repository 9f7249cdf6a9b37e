import Glibc

/// The unit that the numbers of an axis are written in.
package struct NumberUnit: Equatable {
  /// Values are divided by it.
  package let size: Double
  /// Follows each number but 0.
  package let suffix: String

  /// The unit in which the largest of the numbers is easy to read.
  package init(_ numbers: ChartAxis.Numbers, largest: Double) {
    let units: [(size: Double, suffix: String)] =
      switch numbers {
      case .percent: [(0.01, "%")]
      case .plain, .counts: [(1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"), (1, "")]
      case .bytes:
        [(0x1p40, " TiB"), (0x1p30, " GiB"), (0x1p20, " MiB"), (0x1p10, " KiB"), (1, " B")]
      }
    // Numbers of four digits are written out: 2000 rather than 2k.
    let isShort = units.contains { $0.suffix.isEmpty } && largest < 1e4
    let unit = units.first { $0.size <= (isShort ? 1 : largest) } ?? units[units.count - 1]
    (size, suffix) = unit
  }

  /// The numbers, already divided by the size, as texts of a kind.
  package func labels(_ numbers: [Double]) -> [String] {
    let largest = numbers.map(abs).max() ?? 0
    let isTiny = suffix.isEmpty && largest < 1e-2
    return numbers.map { number in
      if number == 0 { return "0" }
      let text = isTiny ? Self.scientific(abs(number)) : Self.short(abs(number), digits: 4)
      return (number < 0 ? "−" : "") + text + suffix
    }
  }

  /// `number` with that many digits and no idle zeros: 0.25, 12.5, 1e-07.
  package static func short(_ number: Double, digits: Int) -> String {
    guard number.isFinite else { return number.isNaN ? "–" : number < 0 ? "−∞" : "∞" }
    guard number != 0 else { return "0" }
    let power = Int(log10(abs(number)).rounded(.down))
    guard power >= -4, power < 15 else { return scientific(number) }
    return decimal(number, places: max(0, digits - 1 - power))
  }

  /// `number` with at most so many places behind the point.
  package static func decimal(_ number: Double, places: Int) -> String {
    let unit = pow(10, Double(places))
    let whole = (abs(number) * unit).rounded()
    guard whole < 9e15 else { return "\(number)" }
    let digits = String(Int(whole))
    let padded = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
    let sign = number < 0 && whole > 0 ? "-" : ""
    guard places > 0 else { return sign + padded }
    var fraction = padded.suffix(places)
    while fraction.last == "0" { fraction.removeLast() }
    return sign + padded.dropLast(places) + (fraction.isEmpty ? "" : "." + fraction)
  }

  /// `number` as 2.5e-5.
  package static func scientific(_ number: Double) -> String {
    let power = (log10(abs(number)) + 1e-12).rounded(.down)
    return decimal(number / pow(10, power), places: 3) + "e\(Int(power))"
  }
}
