extension PassageFilter {
  /// Reads a filter such as `lang = "en" and (year >= 2020 or not exists withdrawn)`.
  ///
  /// ```
  /// filter     := part { "or" part }
  /// part       := unit { "and" unit }
  /// unit       := "not" unit | "(" filter ")" | condition
  /// condition  := "exists" field | field "exists"
  ///             | field ( "=" | "!=" | "<" | "<=" | ">" | ">=" ) value
  ///             | field "in" "(" value { "," value } ")" | field "in" value ".." value
  /// field      := "id" | "title" | [ "metadata." ] key { "." key }
  /// value      := text in "…" or '…' | number | true | false
  /// ```
  ///
  /// A key of other characters than letters, digits, `_` and `-` stands in backquotes. The words of
  /// the language may be written large. A range includes both its ends.
  ///
  /// - Throws: `StoreError.invalidArgument` that names the place and what was expected there.
  public init(parsing text: String) throws(StoreError) {
    var scanner = FilterScanner(text)
    var parser = FilterParser(tokens: try scanner.tokens(), scanner: scanner)
    self = try parser.wholeFilter()
  }
}

/// Recursive descent over the grammar above; each method reads what it is named for.
private struct FilterParser {
  let tokens: [FilterScanner.Token]
  let scanner: FilterScanner
  private var index = 0
  private var depth = 0

  init(tokens: [FilterScanner.Token], scanner: FilterScanner) {
    (self.tokens, self.scanner) = (tokens, scanner)
  }

  private var token: FilterScanner.Token { tokens[index] }

  mutating func wholeFilter() throws(StoreError) -> PassageFilter {
    let result = try filter()
    guard token.kind == .end else { throw expected("\"and\", \"or\" or the end") }
    return result
  }

  private mutating func filter() throws(StoreError) -> PassageFilter {
    var parts = [try part()]
    while take(word: "or") { parts.append(try part()) }
    return parts.count == 1 ? parts[0] : .any(parts)
  }

  private mutating func part() throws(StoreError) -> PassageFilter {
    var units = [try unit()]
    while take(word: "and") { units.append(try unit()) }
    return units.count == 1 ? units[0] : .all(units)
  }

  private mutating func unit() throws(StoreError) -> PassageFilter {
    guard depth < PassageFilter.maximumDepth else {
      throw scanner.problem(
        "more than \(PassageFilter.maximumDepth) brackets within each other", at: token.place)
    }
    depth += 1
    defer { depth -= 1 }
    if take(word: "not") { return .not(try unit()) }
    guard take("(") else { return try condition() }
    let inner = try filter()
    try require(")")
    return inner
  }

  private mutating func condition() throws(StoreError) -> PassageFilter {
    if take(word: "exists") { return .exists(try field()) }
    let field = try field()
    if take(word: "exists") { return .exists(field) }
    if take(word: "in") { return try members(of: field) }
    guard case .sign(let sign) = token.kind, let comparison = Self.comparisons[sign] else {
      throw expected("a comparison such as = or >=, \"in\" or \"exists\"")
    }
    index += 1
    let place = token.place
    return try checked(.compare(field, comparison, try value()), at: place)
  }

  private static let comparisons: [String: PassageFilter.Comparison] = [
    "=": .equal, "==": .equal, "!=": .notEqual, "<>": .notEqual, "<": .less, "<=": .lessOrEqual,
    ">": .greater, ">=": .greaterOrEqual,
  ]

  private mutating func members(
    of field: PassageFilter.Field
  ) throws(StoreError) -> PassageFilter {
    let isList = take("(") || take("[")
    let place = token.place
    let first = try value()
    guard isList else {
      try require("..")
      return try checked(.between(field, first, try value()), at: place)
    }
    var values = [first]
    while take(",") { values.append(try value()) }
    guard take(")") || take("]") else { throw expected("a comma or the closing bracket") }
    return try checked(.oneOf(field, values), at: place)
  }

  /// Refuses a condition that can never hold; `place` is where its value begins.
  private func checked(
    _ filter: PassageFilter, at place: Int
  ) throws(StoreError) -> PassageFilter {
    if let fault = filter.fault { throw scanner.problem(fault, at: place) }
    return filter
  }

  private mutating func field() throws(StoreError) -> PassageFilter.Field {
    let place = token.place
    var keys = [try key()]
    while take(".") { keys.append(try key()) }
    if case .word(let first) = tokens[index - 2 * keys.count + 1].kind {
      switch (first, keys.count) {
      case ("id", 1): return .id
      case ("title", 1): return .title
      case ("metadata", 2...): keys.removeFirst()
      default: break
      }
    }
    let field = PassageFilter.Field.metadata(keys)
    if let fault = field.fault { throw scanner.problem(fault, at: place) }
    return field
  }

  private mutating func key() throws(StoreError) -> String {
    switch token.kind {
    case .word(let word) where !Self.reserved.contains(word.lowercased()), .key(let word):
      index += 1
      return word
    default: throw expected("the name of a field")
    }
  }

  private static let reserved: Set<String> = ["and", "or", "not", "in", "exists", "true", "false"]

  private mutating func value() throws(StoreError) -> PassageFilter.Value {
    switch token.kind {
    case .value(let value):
      index += 1
      return value
    case .word(let word) where ["true", "false"].contains(word.lowercased()):
      index += 1
      return .truth(word.lowercased() == "true")
    case .word(let word): throw expected("a value; a text stands in quotes: \"\(word)\"")
    default: throw expected("a value: a text in quotes, a number, true or false")
    }
  }

  private mutating func take(_ sign: String) -> Bool {
    guard token.kind == .sign(sign) else { return false }
    index += 1
    return true
  }

  private mutating func take(word: String) -> Bool {
    guard case .word(let found) = token.kind, found.lowercased() == word else { return false }
    index += 1
    return true
  }

  private mutating func require(_ sign: String) throws(StoreError) {
    guard take(sign) else { throw expected("\"\(sign)\"") }
  }

  private func expected(_ what: String) -> StoreError {
    scanner.problem("expected \(what)", at: token.place)
  }
}
