/// The ids that belong to an example of the bank.
struct BankedIDs: Sendable, Codable, Equatable {
  /// All passages known to answer the query; the one whose embedding is kept comes first.
  let positives: [String]
  /// The negatives whose embeddings are kept.
  let negatives: [String]
}

/// Where in the bank a passage stands and who knows it, by id.
struct BankIndex: Sendable {
  /// A negative of an example: which of its own it is.
  struct NegativePlace: Hashable {
    let slot, rank: Int
  }
  private var positives: [String: Set<Int>] = [:]
  private var negatives: [String: Set<NegativePlace>] = [:]
  private var askers: [String: Set<Int>] = [:]

  mutating func insert(_ ids: BankedIDs, at slot: Int) {
    positives[ids.positives[0], default: []].insert(slot)
    for id in ids.positives { askers[id, default: []].insert(slot) }
    for (rank, id) in ids.negatives.enumerated() {
      negatives[id, default: []].insert(NegativePlace(slot: slot, rank: rank))
    }
  }

  mutating func remove(_ ids: BankedIDs, at slot: Int) {
    func forget<Place>(_ place: Place, _ id: String, _ table: inout [String: Set<Place>]) {
      table[id]?.remove(place)
      if table[id]?.isEmpty == true { table[id] = nil }
    }
    forget(slot, ids.positives[0], &positives)
    for id in ids.positives { forget(slot, id, &askers) }
    for (rank, id) in ids.negatives.enumerated() {
      forget(NegativePlace(slot: slot, rank: rank), id, &negatives)
    }
  }

  /// Slots whose positive is one of `ids`, ascending.
  func slots(ofPositives ids: [String]) -> [Int] { places(ids, positives).sorted() }

  /// Slots whose query is known to be answered by `id`, ascending.
  func slots(ofQueriesAnsweredBy id: String) -> [Int] { (askers[id] ?? []).sorted() }

  /// Columns of the negatives that are one of `ids`, `perSlot` columns to a slot, ascending.
  func columns(ofNegatives ids: [String], perSlot: Int) -> [Int] {
    places(ids, negatives).map { $0.slot * perSlot + $0.rank }.sorted()
  }

  private func places<Place>(_ ids: [String], _ table: [String: Set<Place>]) -> Set<Place> {
    ids.reduce(into: []) { places, id in places.formUnion(table[id] ?? []) }
  }
}
