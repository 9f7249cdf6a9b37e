/// Reads a folder in BEIR layout: its corpus, the judgements of a split, perhaps mined negatives,
/// and then its queries, in whose order the pairs come.
struct BEIRLoader {
  private let queries: DataFile
  private let passages: PassageTable
  private let judgements: Judgements
  private var negatives: NegativesOfQueries?
  private var pairs = PairTable()
  private var digest = PairDigest()
  /// Whether each judged query was met.
  private var isKnown: [Bool]

  /// - Parameter open: opens a file of data.
  /// - Throws: `FreshetError` or `EvaluationError` naming file and line.
  static func load(
    _ folder: String, split: String, negatives: String?,
    open: (String) throws(FreshetError) -> DataFile
  ) throws -> TrainingContents {
    let (corpus, queries, qrels) = (
      try DataFolder.file("corpus.jsonl", in: folder),
      try DataFolder.file("queries.jsonl", in: folder),
      try DataFolder.file("qrels/\(split).tsv", in: folder)
    )
    let passages = try PassageTable(corpus: open(corpus))
    let judgements = try Judgements(path: qrels, corpus: passages)
    var loader = BEIRLoader(
      queries: try open(queries), passages: passages, judgements: judgements)
    if let negatives {
      loader.negatives = try NegativesOfQueries(
        open(negatives), queries: judgements.queries, corpus: passages)
    }
    try loader.readQueries()
    guard loader.pairs.rowCount > 0 else {
      throw FreshetError(.empty, "\(folder): the split \"\(split)\" has no relevant passage")
    }
    return loader.finish()
  }

  private init(queries: DataFile, passages: PassageTable, judgements: Judgements) {
    (self.queries, self.passages, self.judgements) = (queries, passages, judgements)
    isKnown = .init(repeating: false, count: judgements.queries.count)
  }

  private mutating func readQueries() throws(FreshetError) {
    var reader = try RecordReader(queries)
    while let record = try reader.next() {
      let node = try record.node()
      let found: (query: Int, row: TrainingRow)?
      do throws(RowProblem) {
        found = try judged(node)
      } catch {
        throw record.problem(error)
      }
      if let found { try add(found.row, found.query, record) }
    }
    if let unknown = isKnown.firstIndex(of: false) {
      throw judgements.problem(unknown, "the query is not in \(queries.name)")
    }
  }

  /// The query of a line with its number; nil for one that is not judged in this split.
  private mutating func judged(
    _ node: JSONNode
  ) throws(RowProblem) -> (query: Int, row: TrainingRow)? {
    let id = try node.field("_id", "id")
    let key = IdentityKey(id: try id.node.id(id.name))
    guard let query = judgements.queries.number(of: key) else { return nil }
    let row = try TrainingRow(node, format: .beir)
    guard !isKnown[query] else {
      throw RowProblem("the query id \"\(row.idOfQuery)\" stands twice")
    }
    isKnown[query] = true
    return (query, row)
  }

  private mutating func add(
    _ row: TrainingRow, _ query: Int, _ record: DataRecord
  ) throws(FreshetError) {
    let positives = try judgements.positives(of: query)
    guard !positives.isEmpty else { return }
    pairs.add(
      bytes: record.offset..<record.offset + record.bytes.count, positives: positives)
    digest.add(
      queryID: row.idOfQuery, query: row.query, positives: passages.key(of: positives),
      negatives: negatives?.addRow(query: query))
  }

  private mutating func finish() -> TrainingContents {
    pairs.trim()
    return TrainingContents(
      format: .beir, file: queries, pairs: pairs, passages: passages,
      negatives: negatives?.finished(), digest: digest.hexadecimal(), notes: [])
  }
}
