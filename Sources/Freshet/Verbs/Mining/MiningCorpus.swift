internal import Mining
internal import Synchronization
internal import Tensors
internal import VectorIndex

/// Passages with embeddings, wherever they lie, that negatives are mined among.
protocol MiningCorpus: AnyObject, Sendable {
  /// (rows, d).
  var vectors: Matrix { get }
  var index: any VectorIndex { get }
  /// Rows that are no passages any more.
  var excluded: RowSet { get }
  /// The generation of the embeddings, -1 when they have none.
  var generation: Int { get }
  /// What it is, for the report.
  var name: String { get }
  /// What is known of texts, by row.
  var identities: PassageIdentities { get }
  /// What a search for words finds for each text, best first; nil when there is none.
  var lexical: (@Sendable (_ texts: [String], _ depth: Int) throws -> [[Neighbor]])? { get }

  /// - Throws: `FreshetError.interrupted` when rows are no more what they were.
  func checkUnchanged() throws
  /// The passages at those rows, in their order.
  func passages(rows: [Int]) throws -> [Passage]
  /// How embeddings were made, by row; absent for `encoded`.
  func provenances(rows: [Int]) throws -> [Int: String]
}

/// Passages read before, up to 32 MiB of texts; read again when they were given up. For any thread.
final class PassageCache: Sendable {
  private struct Known {
    var passages: [Int: Passage] = [:]
    var bytes = 0
  }

  private let corpus: any MiningCorpus
  private let known = Mutex(Known())

  static let mostBytes = 32 << 20

  init(of corpus: any MiningCorpus) { self.corpus = corpus }

  /// Reads what is missing of these rows at once.
  func load(_ rows: some Sequence<Int>) throws {
    let rows = Set(rows)
    try known.withLock { try load(rows, into: &$0) }
  }

  /// One passage.
  func passage(_ row: Int) throws -> Passage {
    try known.withLock { known in
      if let passage = known.passages[row] { return passage }
      try load([row], into: &known)
      return known.passages[row] ?? Passage(id: "", text: "")
    }
  }

  private func load(_ rows: Set<Int>, into known: inout Known) throws {
    var missing = rows.filter { known.passages[$0] == nil }
    if missing.isEmpty { return }
    if known.bytes > Self.mostBytes {
      missing = rows
      known = Known()
    }
    let order = missing.sorted()
    for (row, passage) in zip(order, try corpus.passages(rows: order)) {
      known.passages[row] = passage
      known.bytes += passage.id.utf8.count + passage.title.utf8.count + passage.text.utf8.count + 128
    }
  }
}
