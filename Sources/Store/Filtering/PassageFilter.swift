/// A condition on passages: what a search may find.
///
/// It speaks of a passage's id, title and metadata. A field of the metadata is a path of keys into
/// the JSON object. A list there holds when one of its elements does: `tags = "new"` is "the tags
/// contain new". A value of another kind than the one compared with never holds, so
/// `year >= 2020` passes over a year written as text. `not` holds whenever the condition inside
/// does not, also for passages without the field.
public indirect enum PassageFilter: Sendable, Hashable {
  /// The field compares so with the value: numbers by size, texts by their UTF-8 bytes; truth
  /// values only as `equal` and `notEqual`, which is `not` of `equal`.
  case compare(Field, Comparison, Value)
  /// The field is one of these.
  case oneOf(Field, [Value])
  /// The field lies between two numbers or two texts, both included.
  case between(Field, Value, Value)
  /// The field is there, and not null.
  case exists(Field)
  /// The condition does not hold.
  case not(PassageFilter)
  /// All hold; with none given, every passage.
  case all([PassageFilter])
  /// One holds; with none given, no passage.
  case any([PassageFilter])

  /// What is looked at.
  public enum Field: Sendable, Hashable {
    /// The passage's own id, or title.
    case id, title
    /// The value at a path of keys in the metadata.
    case metadata([String])
  }

  /// How two values compare.
  public enum Comparison: String, Sendable, Hashable, CaseIterable {
    case equal = "="
    case notEqual = "!="
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
  }

  /// What a field is compared with.
  public enum Value: Sendable, Hashable {
    case text(String)
    case number(Double)
    case truth(Bool)
  }
}

extension PassageFilter: CustomStringConvertible {
  /// The filter in the language of ``init(parsing:)``.
  public var description: String {
    switch self {
    case .compare(let field, let comparison, let value):
      "\(field) \(comparison.rawValue) \(value)"
    case .oneOf(let field, let values):
      "\(field) in (\(values.map(\.description).joined(separator: ", ")))"
    case .between(let field, let low, let high): "\(field) in \(low)..\(high)"
    case .exists(let field): "exists \(field)"
    case .not(let filter): "not (\(filter))"
    case .all(let filters): Self.joined(filters, by: " and ")
    case .any(let filters): Self.joined(filters, by: " or ")
    }
  }

  private static func joined(_ filters: [PassageFilter], by word: String) -> String {
    filters.map { "(\($0))" }.joined(separator: word)
  }
}

extension PassageFilter.Field: CustomStringConvertible {
  /// The field as it is written in a filter.
  public var description: String {
    switch self {
    case .id: "id"
    case .title: "title"
    case .metadata(let keys): "metadata." + keys.map { "`\($0)`" }.joined(separator: ".")
    }
  }
}

extension PassageFilter.Value: CustomStringConvertible {
  /// The value as it is written in a filter.
  public var description: String {
    switch self {
    case .text(let text):
      "\""
        + text.replacingOccurrences("\\", "\\\\").replacingOccurrences("\"", "\\\"") + "\""
    case .number(let number):
      number == number.rounded() && abs(number) < 1e15 ? "\(Int(number))" : "\(number)"
    case .truth(let truth): "\(truth)"
    }
  }
}

extension String {
  /// This text with every `character` replaced.
  fileprivate func replacingOccurrences(_ character: Character, _ other: String) -> String {
    reduce(into: "") { $1 == character ? $0.append(other) : $0.append($1) }
  }
}
