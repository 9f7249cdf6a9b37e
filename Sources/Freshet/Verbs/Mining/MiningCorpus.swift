internal import Mining
internal import Tensors
internal import VectorIndex

/// Passages with embeddings, wherever they lie, that negatives are mined among.
protocol MiningCorpus: AnyObject {
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
  var lexical: ((_ texts: [String], _ depth: Int) throws -> [[Neighbor]])? { get }

  /// - Throws: `FreshetError.interrupted` when rows are no more what they were.
  func checkUnchanged() throws
  /// The passages at those rows, in their order.
  func passages(rows: [Int]) throws -> [Passage]
  /// How embeddings were made, by row; absent for `encoded`.
  func provenances(rows: [Int]) throws -> [Int: String]
}

/// Passages read before, up to 32 MiB of texts; read again when they were given up.
final class PassageCache {
  private let corpus: any MiningCorpus
  private var passages: [Int: Passage] = [:]
  private var bytes = 0

  static let mostBytes = 32 << 20

  init(of corpus: any MiningCorpus) { self.corpus = corpus }

  /// Reads what is missing of these rows at once.
  func load(_ rows: some Sequence<Int>) throws {
    var missing = Set(rows).filter { passages[$0] == nil }
    if missing.isEmpty { return }
    if bytes > Self.mostBytes {
      missing = Set(rows)
      passages = [:]
      bytes = 0
    }
    let order = missing.sorted()
    for (row, passage) in zip(order, try corpus.passages(rows: order)) {
      passages[row] = passage
      bytes += passage.id.utf8.count + passage.title.utf8.count + passage.text.utf8.count + 128
    }
  }

  /// One passage.
  func passage(_ row: Int) throws -> Passage {
    if let known = passages[row] { return known }
    try load([row])
    return passages[row] ?? Passage(id: "", text: "")
  }
}
