/// A JSON value with its place among the bytes it was parsed from.
struct JSONNode: Sendable {
  indirect enum Value: Sendable {
    case null
    case bool(Bool)
    /// A number as it is written.
    case number(String)
    case string(String)
    case array([JSONNode])
    /// The members in the order of the file.
    case object([(key: String, value: JSONNode)])
  }

  let value: Value
  /// The value's bytes, with its quotes or brackets.
  let range: Range<Int>

  var isNull: Bool {
    if case .null = value { return true }
    return false
  }

  /// What it is, for an error.
  var kind: String {
    switch value {
    case .null: "null"
    case .bool: "true or false"
    case .number: "a number"
    case .string: "a string"
    case .array: "a list"
    case .object: "an object"
    }
  }

  /// The keys of an object in the order of the file; none of anything else.
  var keys: [String] {
    guard case .object(let members) = value else { return [] }
    return members.map(\.key)
  }

  /// The value of a key, nil when it is absent or null. Of a key that stands twice, the last.
  subscript(_ key: String) -> JSONNode? {
    guard case .object(let members) = value,
      let found = members.last(where: { $0.key == key })?.value, !found.isNull
    else { return nil }
    return found
  }
}

extension JSONNode {
  /// The text of a string.
  func string(_ name: String) throws(RowProblem) -> String {
    guard case .string(let text) = value else { throw unexpected(name, "a string") }
    return text
  }

  /// The text of a string, or a number as it is written.
  func id(_ name: String) throws(RowProblem) -> String {
    if case .number(let text) = value { return text }
    let text = try string(name)
    guard !text.isEmpty else { throw RowProblem("\"\(name)\" is empty") }
    return text
  }

  /// The elements of a list.
  func list(_ name: String) throws(RowProblem) -> [JSONNode] {
    guard case .array(let elements) = value else { throw unexpected(name, "a list") }
    return elements
  }

  /// The value of the first of these keys that is present.
  func field(_ names: String...) throws(RowProblem) -> (name: String, node: JSONNode) {
    guard case .object = value else { throw RowProblem("\(kind), a JSON object was expected") }
    guard let found = first(of: names) else {
      throw RowProblem("no \"\(names[0])\" (the keys are \(keys.quoted))")
    }
    return found
  }

  /// The same, nil when none is present.
  func first(of names: [String]) -> (name: String, node: JSONNode)? {
    for name in names {
      if let node = self[name] { return (name, node) }
    }
    return nil
  }

  private func unexpected(_ name: String, _ expected: String) -> RowProblem {
    RowProblem("\"\(name)\" is \(kind), \(expected) was expected")
  }
}

extension [String] {
  /// The strings in quotes, for an error; the first ten of many.
  var quoted: String {
    guard !isEmpty else { return "none" }
    return prefix(10).map { "\"\($0)\"" }.joined(separator: ", ") + (count > 10 ? ", …" : "")
  }
}
