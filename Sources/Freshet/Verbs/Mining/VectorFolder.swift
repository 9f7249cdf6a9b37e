internal import Evaluation
public import Foundation

/// A folder of vectors made elsewhere that negatives are mined among: row i of a matrix belongs to
/// line i of the file beside it.
///
/// - `corpus.npy`, `queries.npy`: float32 (mapped; float16 and float64 are read into memory),
///   in one space; or `corpus.fvecs`, `queries.fvecs` (read into memory).
/// - `corpus.jsonl` (`{"_id", "title"?, "text"}`) and `queries.jsonl` (`{"_id", "text"}`), .gz too;
///   or, where no texts are to be written, `corpus.ids.txt` and `queries.ids.txt`, an id a line.
public struct VectorFolder {
  let corpus: VectorCorpus
  let vectors: VectorFile
  /// Those that are judged, and their rows among the vectors.
  let queries: [Query]
  let queryRows: [Int]
  let qrels: Qrels
  let rows: [String: Int]
  let hasTexts: Bool

  /// Opens the folder and checks that its files belong together.
  ///
  /// - Parameters:
  ///   - folder: as above.
  ///   - qrels: judgements, BEIR or TREC.
  /// - Throws: `FreshetError` or `EvaluationError` naming file and line.
  public init(_ folder: URL, qrels qrelsPath: String) throws {
    vectors = try VectorFile("queries", in: folder)
    corpus = try VectorCorpus(folder)
    guard vectors.columns == corpus.vectors.columns else {
      throw FreshetError(
        .badInput,
        "\(vectors.path) has \(vectors.columns) dimensions, the corpus \(corpus.vectors.columns): "
          + "encode both with one encoder")
    }
    let (all, hasQueryTexts) = try Self.queries(folder, vectors)
    hasTexts = hasQueryTexts && corpus.hasTexts
    let file = URL(fileURLWithPath: qrelsPath)
    qrels = try Qrels(contentsOf: file)
    let (known, judgements) = (Set(all.map(\.id)), qrels.judgements)
    try qrels.checkIDs(
      known: { [corpus] in corpus.row(of: $0) != nil }, queries: known.contains, file: file)
    queryRows = all.indices.filter { judgements[all[$0].id] != nil }
    queries = queryRows.map { all[$0] }
    var rows: [String: Int] = [:]
    for id in judgements.values.joined().map(\.key) { rows[id] = corpus.row(of: id) }
    self.rows = rows
  }

  private static func queries(
    _ folder: URL, _ vectors: VectorFile
  ) throws -> (queries: [Query], hasTexts: Bool) {
    let file = try TextFile(beside: vectors.path, rows: vectors.rows)
    let queries =
      try file.hasTexts
      ? Query.read(path: file.path) : file.ids().map { Query(id: $0, text: "") }
    try file.check(lines: queries.count)
    return (queries, file.hasTexts)
  }
}
