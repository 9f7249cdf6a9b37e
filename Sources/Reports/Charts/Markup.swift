/// Writes elements of XML, which are those of HTML, too.
package enum Markup {
  /// `text` for use between tags and in quoted attributes. What XML forbids becomes U+FFFD.
  package static func escaped(_ text: some StringProtocol) -> String {
    var escaped = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "\"": escaped += "&quot;"
      case "'": escaped += "&#39;"
      case "\t", "\n", "\r": escaped.unicodeScalars.append(scalar)
      case "\0"..<" ", "\u{7F}"..<"\u{A0}", "\u{FFFE}", "\u{FFFF}": escaped += "\u{FFFD}"
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }

  /// An element whose contents are text.
  package static func element(
    _ name: String, _ attributes: KeyValuePairs<String, String> = [:], text: some StringProtocol
  ) -> String {
    element(name, attributes, contents: escaped(text))
  }

  /// An element whose contents are elements already.
  package static func element(
    _ name: String, _ attributes: KeyValuePairs<String, String> = [:], contents: String = ""
  ) -> String {
    let list = attributes.map { " \($0)=\"\(escaped($1))\"" }.joined()
    return "<\(name)\(list)>\(contents)</\(name)>"
  }

  /// A coordinate: a tenth of a unit is finer than eyes are.
  package static func coordinate(_ value: Double) -> String { NumberUnit.decimal(value, places: 1) }
}
