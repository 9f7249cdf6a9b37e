extension PassageCollection {
  /// Runs a reading verb on the active generation, again when the collection changed under it so
  /// that its reads do not belong together: rows numbered anew by a compaction, or, when `body`
  /// says so by returning nil, a passage that became another between two reads.
  ///
  /// - Parameter body: given the generation, and whether this is the last time it may return nil.
  func consistently<Result>(
    _ body: (_ active: ActiveGeneration, _ isLast: Bool) throws -> Result?
  ) throws -> Result {
    var attempt = 1
    while true {
      let active = try activeGeneration()
      let outcome = Swift.Result { try body(active, attempt >= 4) }
      if try store.compactionCount() == active.compactions, let result = try outcome.get() {
        return result
      }
      attempt += 1
    }
  }
}
