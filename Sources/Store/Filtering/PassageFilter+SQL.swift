import Foundation
import GRDB

/// A condition in SQL with its arguments; no value of a user is ever part of the text.
struct FilterSQL {
  var text: String
  var arguments: StatementArguments = []
}

extension PassageFilter {
  /// The condition over the table `passage`.
  ///
  /// `json_each` of a path gives the elements of a list, and of a single value that value: both are
  /// asked alike. An object is not a list of its members, so it is passed over.
  var sql: FilterSQL {
    switch self {
    case .compare(let field, .notEqual, let value):
      return PassageFilter.not(.compare(field, .equal, value)).sql
    case .compare(let field, let comparison, let value):
      return field.sql(value.type, "\(comparison.rawValue) ?", [field.argument(value)])
    case .between(let field, let low, let high):
      return field.sql(
        low.type, "BETWEEN ? AND ?", [field.argument(low), field.argument(high)])
    case .oneOf(let field, let values): return Self.oneOf(field, values)
    case .exists(let field): return field.existsSQL
    case .not(let filter):
      let inner = filter.sql
      return FilterSQL(text: "NOT \(inner.text)", arguments: inner.arguments)
    case .all(let filters): return Self.joined(filters.map(\.sql), by: "AND", empty: "(1)")
    case .any(let filters): return Self.joined(filters.map(\.sql), by: "OR", empty: "(0)")
    }
  }

  /// One JSON list per kind of value, so that a long list is one argument.
  private static func oneOf(_ field: Field, _ values: [Value]) -> FilterSQL {
    let kinds = Dictionary(grouping: values, by: \.type).sorted { $0.key < $1.key }
    let parts = kinds.map { type, values in
      field.sql(
        type, "IN (SELECT value FROM json_each(?))",
        ["[" + values.map { field.argument($0).json }.joined(separator: ",") + "]"])
    }
    return joined(parts, by: "OR", empty: "(0)")
  }

  /// Joined as a balanced tree: SQLite bounds the depth of an expression, not its size.
  private static func joined(_ parts: [FilterSQL], by word: String, empty: String) -> FilterSQL {
    switch parts.count {
    case 0: return FilterSQL(text: empty)
    case 1: return parts[0]
    default:
      let half = parts.count / 2
      let left = joined(Array(parts[..<half]), by: word, empty: empty)
      let right = joined(Array(parts[half...]), by: word, empty: empty)
      return FilterSQL(
        text: "(\(left.text) \(word) \(right.text))", arguments: left.arguments + right.arguments)
    }
  }
}

extension PassageFilter.Field {
  /// That the field, or an element of it, is of a kind and meets a condition.
  fileprivate func sql(
    _ type: String, _ condition: String, _ arguments: [any DatabaseValueConvertible]
  ) -> FilterSQL {
    switch self {
    case .id: return FilterSQL(text: "(idKey \(condition))", arguments: .init(arguments))
    case .title: return FilterSQL(text: "(title \(condition))", arguments: .init(arguments))
    case .metadata:
      let value = type == "truth" ? "(type = 'true')" : "value"
      return FilterSQL(
        text: """
          (json_type(metadata, ?) IS NOT 'object' AND EXISTS (
          SELECT 1 FROM json_each(metadata, ?) WHERE \(Self.types(type)) AND \(value) \(condition)))
          """,
        arguments: .init([path, path] + arguments))
    }
  }

  fileprivate var existsSQL: FilterSQL {
    switch self {
    case .id: FilterSQL(text: "(1)")
    case .title: FilterSQL(text: "(title <> '')")
    case .metadata:
      FilterSQL(
        text: "(ifnull(json_type(metadata, ?), 'null') <> 'null')", arguments: [path])
    }
  }

  /// The value as it is bound: ids in the form that is compared.
  fileprivate func argument(_ value: PassageFilter.Value) -> FilterArgument {
    guard self == .id, case .text(let text) = value else { return FilterArgument(value: value) }
    return FilterArgument(value: .text(idKey(text)))
  }

  private var path: String {
    guard case .metadata(let keys) = self else { return "$" }
    return "$" + keys.map { ".\"\($0)\"" }.joined()
  }

  private static func types(_ type: String) -> String {
    switch type {
    case "number": "type IN ('integer', 'real')"
    case "truth": "type IN ('true', 'false')"
    default: "type = 'text'"
    }
  }
}

/// A value on its way to SQLite.
private struct FilterArgument: DatabaseValueConvertible {
  let value: PassageFilter.Value

  var databaseValue: DatabaseValue {
    switch value {
    case .text(let text): text.databaseValue
    case .number(let number): number.databaseValue
    case .truth(let truth): truth.databaseValue
    }
  }

  static func fromDatabaseValue(_ value: DatabaseValue) -> FilterArgument? { nil }

  /// The value as an element of a JSON list.
  var json: String {
    switch value {
    case .text(let text):
      guard let list = try? JSONEncoder().encode([text]) else { return "null" }
      return String(String(decoding: list, as: UTF8.self).dropFirst().dropLast())
    case .number(let number): return "\(number)"
    case .truth(let truth): return truth ? "1" : "0"
    }
  }
}

extension PassageFilter.Value {
  fileprivate var type: String {
    switch self {
    case .text: "text"
    case .number: "number"
    case .truth: "truth"
    }
  }
}
