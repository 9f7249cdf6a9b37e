internal import Store

/// What adding passages did.
public struct AddSummary: Sendable, Equatable, Codable {
  /// Passages of a new id.
  public var added: Int
  /// Passages whose title or text is another now; they wait for a new embedding.
  public var changed: Int
  /// Passages that were there already.
  public var unchanged: Int
  /// Passages in the collection now.
  public var passages: Int
}

extension PassageCollection {
  /// Adds passages, or replaces those of the same id, all or none.
  ///
  /// - Throws: `StoreError.duplicateID` when one id stands for two texts in this call.
  @discardableResult
  public func add(_ passages: some Sequence<Passage>) throws -> AddSummary {
    let summary = try store.upsert(
      passages.map {
        PassageInput(id: $0.id, title: $0.title, text: $0.text, metadata: $0.metadata)
      })
    return AddSummary(
      added: summary.added, changed: summary.changed, unchanged: summary.unchanged,
      passages: try store.passageCount)
  }

  /// Adds the passages of a file, all or none; see ``PassageReader`` for the formats.
  ///
  /// - Throws: `FreshetError.badInput` naming file and line of a malformed passage or of an id that
  ///   stands twice; `FreshetError.empty` when the file holds no passage; `StoreError`.
  @discardableResult
  public func add(contentsOf path: String, progress: ProgressHandler? = nil) throws -> AddSummary {
    try add(Self.passages(contentsOf: path, progress: progress))
  }

  /// The passages of a file, checked, without a collection to add them to.
  ///
  /// - Throws: as ``add(contentsOf:progress:)``.
  public static func passages(
    contentsOf path: String, progress: ProgressHandler? = nil
  ) throws(FreshetError) -> [Passage] {
    var reader = try PassageReader(path: path)
    var passages: [Passage] = []
    var lines: [String: Int] = [:]
    while let passage = try reader.next() {
      if let first = lines.updateValue(reader.lineNumber, forKey: passage.id) {
        throw reader.problem("the id \"\(passage.id)\" stands twice (first in line \(first))")
      }
      passages.append(passage)
      if passages.count % 10_000 == 0 {
        progress?(WorkProgress(.reading, done: passages.count, total: passages.count))
      }
    }
    guard !passages.isEmpty else {
      throw FreshetError(.empty, "\(reader.name): holds no passage")
    }
    return passages
  }

  /// Deletes passages by id; unknown ids are passed over.
  ///
  /// - Returns: how many were deleted.
  @discardableResult
  public func delete(ids: [String]) throws -> Int { try store.delete(ids: ids) }

  /// Deletes the passages a filter holds for. Searches do not find them from then on; their rows
  /// stay until ``compact(progress:shouldStop:)``.
  ///
  /// - Returns: how many were deleted.
  /// - Throws: `StoreError.invalidArgument` for a filter that cannot be.
  @discardableResult
  public func delete(where filter: PassageFilter) throws -> Int { try store.delete(where: filter) }
}
