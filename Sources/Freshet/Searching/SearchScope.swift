internal import Store
internal import Synchronization
internal import VectorIndex

/// The rows of a generation that one search may answer with.
struct SearchScope: Sendable {
  /// What it may not.
  let excluded: RowSet
  /// What it may, ascending, when a filter leaves so few that they are compared one by one: an
  /// index would only be in the way, it walks past what is excluded.
  let few: [Int]?
  /// How many it may.
  let count: Int

  /// Everything that is not excluded.
  init(rows: Int, excluded: RowSet) {
    (self.excluded, few) = (excluded, nil)
    count = rows - excluded.count
  }

  /// Of `allowed`, ascending, what is not excluded already.
  init(rows: Int, excluded: RowSet, allowed: [Int]) {
    let allowed = allowed.filter { $0 < rows && !excluded.contains($0) }
    var others = RowSet()
    var next = 0
    for row in allowed {
      for other in next..<row { others.insert(other) }
      next = row + 1
    }
    for other in next..<max(next, rows) { others.insert(other) }
    (self.excluded, count) = (others, allowed.count)
    few = allowed.count <= max(4096, rows / 50) ? allowed : nil
  }
}

extension PassageCollection {
  /// The rows of a pinned generation that pass a filter; worked out once for each state of the
  /// collection.
  func scope(_ filter: PassageFilter?, _ active: ActiveGeneration) throws -> SearchScope {
    guard let filter else {
      return SearchScope(rows: active.record.rowCount, excluded: active.excluded)
    }
    if let known = active.scopes.withLock({ $0[filter] }) { return known }
    let scope = SearchScope(
      rows: active.record.rowCount, excluded: active.excluded,
      allowed: try store.rows(where: filter))
    active.scopes.withLock { scopes in
      // Enough for the filters of a service; a bit and up to eight bytes per row each.
      if scopes.count >= 16 { scopes.removeAll() }
      scopes[filter] = scope
    }
    return scope
  }
}
