import Foundation

/// How a report writes numbers and names.
package enum ReportWords {
  /// 1.25 GiB.
  package static func bytes(_ count: Int) -> String {
    let unit = NumberUnit(.bytes, largest: Double(count))
    return NumberUnit.short(Double(count) / unit.size, digits: 3) + unit.suffix
  }

  /// 123,456.
  package static func count(_ number: Int) -> String {
    let digits = Array(String(number.magnitude))
    let grouped = digits.enumerated().map { index, digit in
      index > 0 && (digits.count - index) % 3 == 0 ? ",\(digit)" : "\(digit)"
    }
    return (number < 0 ? "−" : "") + grouped.joined()
  }

  /// 1 h 5 min, 2 min 3 s, 4.5 s.
  package static func duration(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds >= 0, seconds < 1e12 else { return "–" }
    if seconds < 60 { return NumberUnit.short(seconds, digits: 2) + " s" }
    let whole = Int(seconds.rounded())
    if whole < 3600 { return "\(whole / 60) min \(whole % 60) s" }
    return "\(count(whole / 3600)) h \(whole % 3600 / 60) min"
  }

  /// 2026-01-31 12:00 UTC.
  package static func date(_ time: Double) -> String {
    let text = Date(timeIntervalSince1970: time).ISO8601Format()
    return text.prefix(16).replacing("T", with: " ") + " UTC"
  }

  /// The words of a name in camel case.
  package static func words(_ name: String) -> String {
    name.reduce(into: "") { words, letter in
      words += letter.isUppercase ? " " + letter.lowercased() : String(letter)
    }
  }
}
