import Foundation

/// One line that is a JSON object, its members in the order they were added.
struct JSONLine {
  private(set) var text = "{"

  /// A line that begins with what it tells of.
  init(_ kind: LogLine.Kind) throws {
    try add("kind", kind)
  }

  /// An object that becomes a member of a line.
  init(members: [(name: String, value: LoggedValue)]) throws {
    for member in members { try add(member.name, member.value) }
  }

  mutating func add(_ name: String, _ value: some Encodable) throws {
    add(name, raw: String(decoding: try JSONEncoder.log.encode(value), as: UTF8.self))
  }

  mutating func add(_ name: String, _ object: JSONLine) {
    add(name, raw: object.text + "}")
  }

  private mutating func add(_ name: String, raw value: String) {
    if text.utf8.count > 1 { text += "," }
    text += "\"\(name)\":\(value)"
  }

  /// The line's bytes, its end included.
  var data: Data { Data((text + "}\n").utf8) }
}
