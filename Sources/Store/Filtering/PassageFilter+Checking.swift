extension PassageFilter {
  /// How deep conditions may stand within each other.
  static let maximumDepth = 60

  /// What is wrong with this one condition, whatever it holds inside; nil when nothing is.
  var fault: String? {
    switch self {
    case .compare(let field, let comparison, let value):
      let isOrder = ![.equal, .notEqual].contains(comparison)
      return field.fault ?? value.fault ?? field.fault(comparedWith: [value])
        ?? (isOrder && value.isTruth ? "true and false have no order: use = or !=" : nil)
    case .oneOf(let field, let values):
      return field.fault ?? values.lazy.compactMap(\.fault).first
        ?? field.fault(comparedWith: values) ?? (values.isEmpty ? "the list is empty" : nil)
    case .between(let field, let low, let high):
      return field.fault ?? low.fault ?? high.fault ?? field.fault(comparedWith: [low, high])
        ?? Self.faultOfRange(low, high)
    case .exists(let field): return field.fault
    case .not, .all, .any: return nil
    }
  }

  private static func faultOfRange(_ low: Value, _ high: Value) -> String? {
    switch (low, high) {
    case (.number(let low), .number(let high)): low <= high ? nil : "the range is empty"
    case (.text(let low), .text(let high)):
      high.utf8.lexicographicallyPrecedes(low.utf8) ? "the range is empty" : nil
    default: "a range has two numbers or two texts as its ends"
    }
  }

  /// Refuses a filter with a condition that is wrong, or that is nested too deeply.
  func validate(depth: Int = 0) throws(StoreError) {
    if let fault {
      throw StoreError(.invalidArgument, "the filter is wrong in `\(self)`: \(fault)")
    }
    guard depth <= Self.maximumDepth else {
      throw StoreError(
        .invalidArgument, "the filter has more than \(Self.maximumDepth) levels within each other")
    }
    switch self {
    case .not(let inner): try inner.validate(depth: depth + 1)
    case .all(let inner), .any(let inner):
      for filter in inner { try filter.validate(depth: depth + 1) }
    case .compare, .oneOf, .between, .exists: break
    }
  }
}

extension PassageFilter.Field {
  /// Why no metadata can be asked for at this path.
  var fault: String? {
    guard case .metadata(let keys) = self else { return nil }
    guard !keys.isEmpty, !keys.contains("") else { return "the name of a field is empty" }
    // SQLite's JSON paths cannot quote these: https://www.sqlite.org/json1.html §2.
    let odd: Set<Character> = ["\"", "\\", "/", "`", "\0"]
    guard let key = keys.first(where: { $0.contains(where: odd.contains) }) else { return nil }
    return "the field `\(key)` cannot be asked for: it holds a quote or a slash"
  }

  /// Ids and titles are texts.
  fileprivate func fault(comparedWith values: [PassageFilter.Value]) -> String? {
    guard self == .id || self == .title else { return nil }
    guard let other = values.first(where: { !$0.isText }) else { return nil }
    return "\(self) is a text: write \"\(other)\" with its quotes"
  }
}

extension PassageFilter.Value {
  fileprivate var isText: Bool {
    if case .text = self { true } else { false }
  }

  fileprivate var isTruth: Bool {
    if case .truth = self { true } else { false }
  }

  fileprivate var fault: String? {
    switch self {
    case .text(let text):
      text.utf8.contains(0) ? "a text holds the character U+0000, which no passage does" : nil
    case .number(let number): number.isFinite ? nil : "\(number) is no number to compare with"
    case .truth: nil
    }
  }
}
