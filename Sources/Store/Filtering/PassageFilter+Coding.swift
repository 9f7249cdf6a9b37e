extension PassageFilter: Codable {
  private enum Key: String, CodingKey {
    case and, or, not, exists, field, op, value, `in`, between
  }

  /// Reads either the language of ``init(parsing:)`` in a string, or an object:
  /// `{"and": […]}`, `{"or": […]}`, `{"not": {…}}`, `{"exists": "year"}`,
  /// `{"field": "year", "op": ">=", "value": 2020}`, `{"field": "lang", "in": ["en", "de"]}`,
  /// `{"field": "year", "between": [2010, 2020]}`.
  ///
  /// - Throws: `DecodingError.dataCorrupted` that says what is wrong.
  public init(from decoder: any Decoder) throws {
    if let text = try? decoder.singleValueContainer().decode(String.self) {
      self = try Self.corrupted(decoder) { () throws(StoreError) in try Self(parsing: text) }
      return
    }
    let object = try decoder.container(keyedBy: Key.self)
    let filter: PassageFilter
    if let inner = try object.decodeIfPresent([PassageFilter].self, forKey: .and) {
      filter = .all(inner)
    } else if let inner = try object.decodeIfPresent([PassageFilter].self, forKey: .or) {
      filter = .any(inner)
    } else if object.contains(.not) {
      filter = .not(try object.decode(PassageFilter.self, forKey: .not))
    } else if let field = try object.decodeIfPresent(Field.self, forKey: .exists) {
      filter = .exists(field)
    } else {
      filter = try Self.condition(object)
    }
    try Self.corrupted(decoder) { () throws(StoreError) in try filter.validate() }
    self = filter
  }

  private static func condition(_ object: KeyedDecodingContainer<Key>) throws -> PassageFilter {
    let field = try object.decode(Field.self, forKey: .field)
    if let values = try object.decodeIfPresent([Value].self, forKey: .in) {
      return .oneOf(field, values)
    }
    if let ends = try object.decodeIfPresent([Value].self, forKey: .between) {
      guard ends.count == 2 else {
        throw DecodingError.dataCorruptedError(
          forKey: .between, in: object, debugDescription: "a range has two ends")
      }
      return .between(field, ends[0], ends[1])
    }
    let name = try object.decode(String.self, forKey: .op)
    guard let comparison = Comparison(rawValue: name) else {
      let known = Comparison.allCases.map(\.rawValue).joined(separator: " ")
      throw DecodingError.dataCorruptedError(
        forKey: .op, in: object, debugDescription: "\"\(name)\" is not one of \(known)")
    }
    return .compare(field, comparison, try object.decode(Value.self, forKey: .value))
  }

  private static func corrupted<T>(
    _ decoder: any Decoder, _ body: () throws(StoreError) -> T
  ) throws -> T {
    do {
      return try body()
    } catch {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: error.message))
    }
  }

  /// Writes the object form.
  public func encode(to encoder: any Encoder) throws {
    var object = encoder.container(keyedBy: Key.self)
    switch self {
    case .all(let inner): try object.encode(inner, forKey: .and)
    case .any(let inner): try object.encode(inner, forKey: .or)
    case .not(let inner): try object.encode(inner, forKey: .not)
    case .exists(let field): try object.encode(field, forKey: .exists)
    case .compare(let field, let comparison, let value):
      try object.encode(field, forKey: .field)
      try object.encode(comparison.rawValue, forKey: .op)
      try object.encode(value, forKey: .value)
    case .oneOf(let field, let values):
      try object.encode(field, forKey: .field)
      try object.encode(values, forKey: .in)
    case .between(let field, let low, let high):
      try object.encode(field, forKey: .field)
      try object.encode([low, high], forKey: .between)
    }
  }
}

extension PassageFilter.Field: Codable {
  /// Reads a field as it is written in a filter: `id`, `title`, `year`, `source.name`.
  public init(from decoder: any Decoder) throws {
    let text = try decoder.singleValueContainer().decode(String.self)
    do {
      guard case .exists(let field) = try PassageFilter(parsing: "exists \(text)") else {
        throw StoreError(.invalidArgument, "\"\(text)\" is not the name of one field")
      }
      self = field
    } catch let error as StoreError {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: error.message))
    }
  }

  /// Writes the field as it is written in a filter.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}

extension PassageFilter.Value: Codable {
  /// Reads a JSON string, number or truth value.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let truth = try? container.decode(Bool.self) {
      self = .truth(truth)
    } else if let number = try? container.decode(Double.self) {
      self = .number(number)
    } else {
      self = .text(try container.decode(String.self))
    }
  }

  /// Writes a JSON string, number or truth value.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .text(let text): try container.encode(text)
    case .number(let number): try container.encode(number)
    case .truth(let truth): try container.encode(truth)
    }
  }
}
