import Foundation

/// A number of bytes as people write and read it.
public struct ByteSize: Sendable, Codable, Hashable, Comparable, CustomStringConvertible {
  /// The number.
  public let bytes: Int

  /// Traps when negative.
  public init(bytes: Int) {
    precondition(bytes >= 0, "a size of \(bytes) bytes")
    self.bytes = bytes
  }

  /// Reads "2GiB", "1500 MB", "1.5g", "800k", "65536": a number and perhaps a unit, in either case.
  ///
  /// KiB, MiB, GiB, TiB and the letters alone are powers of 1024; KB, MB, GB, TB powers of 1000.
  ///
  /// - Throws: `TrainingError.invalidConfiguration` saying how sizes are written.
  public init(parsing text: String) throws(TrainingError) {
    let trimmed = text.trimmingCharacters(in: .whitespaces)
    let number = trimmed.prefix { $0.isNumber || $0 == "." }
    let unit = trimmed.dropFirst(number.count).trimmingCharacters(in: .whitespaces).lowercased()
    guard let value = Double(number), let factor = Self.factors[unit],
      value * factor >= 1, value * factor < Double(Int.max)
    else {
      throw TrainingError(
        .invalidConfiguration,
        "\"\(text)\" is not a size; write a number of bytes with a unit, such as 2GiB, 1500MB, 2G")
    }
    bytes = Int(value * factor)
  }

  private static let factors: [String: Double] = {
    var factors: [String: Double] = ["": 1, "b": 1]
    for (power, letter) in ["k", "m", "g", "t"].enumerated() {
      let exponent = Double(power + 1)
      factors[letter + "b"] = pow(1000, exponent)
      for name in [letter, letter + "i", letter + "ib"] { factors[name] = pow(1024, exponent) }
    }
    return factors
  }()

  /// In MiB below 10 GiB, else in GiB: "612.4 MiB".
  public var description: String {
    let mebibytes = Double(bytes) / 1_048_576
    return mebibytes < 10_240
      ? String(format: "%.1f MiB", mebibytes) : String(format: "%.1f GiB", mebibytes / 1024)
  }

  public static func < (left: ByteSize, right: ByteSize) -> Bool { left.bytes < right.bytes }
}
