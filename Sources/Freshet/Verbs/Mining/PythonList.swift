/// A list of strings as Python writes it: `["it's", 'a "b"']`.
struct PythonList {
  /// The strings; nil when it is no such list.
  let strings: [String]?

  init(_ text: some StringProtocol) {
    var scan = Scan(rest: Substring(text).unicodeScalars[...])
    strings = scan.list()
  }

  private struct Scan {
    var rest: Substring.UnicodeScalarView.SubSequence

    mutating func list() -> [String]? {
      guard take("[") else { return nil }
      var strings: [String] = []
      while !take("]") {
        if !strings.isEmpty, !take(",") { return nil }
        if !strings.isEmpty, take("]") { break }
        guard let string = string() else { return nil }
        strings.append(string)
      }
      skipSpace()
      return rest.isEmpty ? strings : nil
    }

    private mutating func string() -> String? {
      skipSpace()
      guard let quote = rest.popFirst(), quote == "\"" || quote == "'" else { return nil }
      var text = String.UnicodeScalarView()
      while let scalar = rest.popFirst() {
        if scalar == quote { return String(text) }
        guard scalar == "\\" else {
          text.append(scalar)
          continue
        }
        guard let escaped = escape() else { return nil }
        text += escaped
      }
      return nil
    }

    /// What follows a backslash; one that escapes nothing stands for itself.
    private mutating func escape() -> [Unicode.Scalar]? {
      guard let scalar = rest.popFirst() else { return nil }
      switch scalar {
      case "n": return ["\n"]
      case "t": return ["\t"]
      case "r": return ["\r"]
      case "\\", "'", "\"": return [scalar]
      case "x": return code(digits: 2)
      case "u": return code(digits: 4)
      case "U": return code(digits: 8)
      default: return ["\\", scalar]
      }
    }

    private mutating func code(digits: Int) -> [Unicode.Scalar]? {
      let text = String(rest.prefix(digits))
      rest = rest.dropFirst(digits)
      guard text.count == digits, let value = UInt32(text, radix: 16) else { return nil }
      return Unicode.Scalar(value).map { [$0] }
    }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
      skipSpace()
      guard rest.first == scalar else { return false }
      rest = rest.dropFirst()
      return true
    }

    private mutating func skipSpace() {
      rest = rest.drop { $0 == " " || $0 == "\t" }
    }
  }
}
