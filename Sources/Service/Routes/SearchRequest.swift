internal import Foundation

/// The body of `POST /search`, and what `GET /search?q=…` stands for.
struct SearchRequest: Decodable, Sendable, Equatable {
  var query: String?
  var queries: [String]?
  var k: WholeNumber?
  /// Another name for `k`.
  var limit: WholeNumber?
  var exact: Bool?
  /// The text of a filter, see `freshet search --help`.
  var filter: String?
  var minimumScore: Float?
  var offset: WholeNumber?
  var hybrid: Bool?
}

extension SearchRequest {
  /// What to search for, every value checked.
  ///
  /// - Throws: `RequestFailure` naming the field at fault.
  func checked(_ limits: TextLimits) throws(RequestFailure) -> [SearchQuery] {
    let texts: [String]
    switch (query, queries) {
    case (let query?, nil): texts = try limits.check([query], field: "query")
    case (nil, let queries?): texts = try limits.check(queries, field: "queries")
    case (nil, nil): throw .validation("query", "'query' (or 'queries') is missing")
    case (.some, .some):
      throw .validation("queries", "give 'query' or 'queries', not both")
    }
    let hits = try hitLimit()
    let offset = (self.offset ?? 0).value
    guard (0...10_000).contains(offset) else {
      throw .validation("offset", "'offset' must be in 0...10000, was \(offset)")
    }
    return texts.map {
      SearchQuery(
        text: $0, limit: hits, isExact: exact ?? false, filter: filter,
        minimumScore: minimumScore, offset: offset, isHybrid: hybrid ?? false)
    }
  }

  private func hitLimit() throws(RequestFailure) -> Int {
    if let k, let limit, k != limit {
      throw .validation(
        "limit", "'k' is \(k.value) but 'limit' is \(limit.value); they mean the same, give one")
    }
    let wanted = (k ?? limit ?? 10).value
    guard (1...1000).contains(wanted) else {
      let name = k == nil ? "limit" : "k"
      throw .validation(name, "'\(name)' must be in 1...1000, was \(wanted)")
    }
    return wanted
  }
}

extension SearchRequest {
  /// Reads `q`, `k` (or `limit`), `exact`, `filter`, `offset` and `hybrid` from a URL's query;
  /// other keys are ignored.
  init(urlQuery: String?) throws(RequestFailure) {
    let items = try Self.items(of: urlQuery ?? "")
    guard let text = items["q"] else {
      throw .validation("q", "'q' is missing: /search?q=text&k=10")
    }
    self.init(
      query: text, k: try Self.integer("k", in: items), limit: try Self.integer("limit", in: items),
      exact: try Self.boolean("exact", in: items), filter: items["filter"],
      offset: try Self.integer("offset", in: items), hybrid: try Self.boolean("hybrid", in: items))
  }

  /// The first value of each key; `+` is a space, as HTML forms and most clients write it.
  private static func items(of query: String) throws(RequestFailure) -> [String: String] {
    var items: [String: String] = [:]
    for part in query.split(separator: "&") {
      let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let name = try decoded(pair[0])
      let value = pair.count > 1 ? try decoded(pair[1]) : ""
      if items[name] == nil { items[name] = value }
    }
    return items
  }

  private static func decoded(_ text: Substring) throws(RequestFailure) -> String {
    let spaced = text.replacingOccurrences(of: "+", with: " ")
    guard let decoded = spaced.removingPercentEncoding else {
      throw RequestFailure(.malformed, "the URL's query has broken percent-encoding: '\(text)'")
    }
    return decoded
  }

  private static func integer(
    _ name: String, in items: [String: String]
  ) throws(RequestFailure) -> WholeNumber? {
    guard let text = items[name] else { return nil }
    guard let value = Int(text) else {
      throw .validation(name, "'\(name)' must be an integer, was '\(text)'")
    }
    return WholeNumber(value)
  }

  private static func boolean(
    _ name: String, in items: [String: String]
  ) throws(RequestFailure) -> Bool? {
    switch items[name] {
    case nil: return nil
    case "true", "1", "": return true
    case "false", "0": return false
    case let other?: throw .validation(name, "'\(name)' must be true or false, was '\(other)'")
    }
  }
}
