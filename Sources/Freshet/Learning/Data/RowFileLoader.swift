/// Reads a file whose rows bring their passages, or name them by id: every format but BEIR's.
struct RowFileLoader {
  private let file: DataFile
  /// Nil until a row was read.
  private var format: TrainingDataFormat?
  /// Reads the corpus, for rows that only name passages; asked once at most.
  private let corpus: () throws -> PassageTable?
  /// Passages of the file, or of the corpus.
  private var passages: PassageTable
  private var isCorpus = false
  private var pairs = PairTable()
  private var queries = KeyTable()
  /// The last row about each query.
  private var lastRows: [Int32] = []
  private var digest = PairDigest()
  private var withoutPositive: (count: Int, first: String)?

  /// Reads the file from front to back.
  ///
  /// - Parameters:
  ///   - format: nil to go by the first row.
  ///   - corpus: the passages that rows name by id, or nil when there are none.
  /// - Throws: `FreshetError` naming file and line of a bad row; `.empty` when there is no pair.
  static func load(
    _ file: DataFile, format: TrainingDataFormat?, corpus: @escaping () throws -> PassageTable?
  ) throws -> TrainingContents {
    var loader = RowFileLoader(file: file, format: format, corpus: corpus)
    var reader = try RecordReader(file)
    while let record = try reader.next() {
      let node = try record.node()
      do {
        try loader.add(node, record)
      } catch let problem as RowProblem {
        throw record.problem(problem)
      }
    }
    return try loader.finish()
  }

  private init(
    file: DataFile, format: TrainingDataFormat?, corpus: @escaping () throws -> PassageTable?
  ) {
    (self.file, self.format, self.corpus) = (file, format, corpus)
    passages = PassageTable(in: file)
  }

  private mutating func add(_ node: JSONNode, _ record: DataRecord) throws {
    let format = try self.format ?? TrainingDataFormat(recognising: node)
    self.format = format
    let row = try TrainingRow(node, format: format)
    guard !row.positives.isEmpty else {
      guard format == .dpr else { throw RowProblem("the row has no positive passage") }
      withoutPositive = ((withoutPositive?.count ?? 0) + 1, withoutPositive?.first ?? record.name)
      return
    }
    var seen: Set<Int32> = []
    let positives = try numbers(of: row.positives, record).filter { seen.insert($0).inserted }
    let negatives = try numbers(of: row.negatives, record)
    pairs.add(
      bytes: record.offset..<record.offset + record.bytes.count, positives: positives,
      sibling: try sibling(of: row))
    digest.add(
      queryID: row.idOfQuery, query: row.query, positives: passages.key(of: positives),
      negatives: negatives.isEmpty ? nil : passages.key(of: negatives))
  }

  /// An earlier row about the same query.
  private mutating func sibling(of row: TrainingRow) throws -> Int? {
    let key = row.queryID.map { IdentityKey(id: $0) } ?? IdentityKey(text: row.query)
    let (query, isNew) = queries.insert(key)
    let number = Int32(pairs.rowCount)
    guard !isNew else {
      lastRows.append(number)
      return nil
    }
    let sibling = Int(lastRows[query])
    lastRows[query] = number
    guard let id = row.queryID else { return sibling }
    let bytes = pairs.bytes(ofRow: sibling)
    let node = try JSONParser.parse(file.bytes(at: bytes.lowerBound, upTo: bytes.count))
    guard try TrainingRow(node, format: format ?? .tevatron).query == row.query else {
      throw RowProblem(
        "the query \"\(id)\" has another text here than on line "
          + "\(try file.line(at: bytes.lowerBound))")
    }
    return sibling
  }

  private mutating func numbers(
    of mentions: [TrainingRow.Mention], _ record: DataRecord
  ) throws -> [Int32] {
    try mentions.map { try number(of: $0, record) }
  }

  private mutating func number(
    of mention: TrainingRow.Mention, _ record: DataRecord
  ) throws -> Int32 {
    switch mention {
    case .given(let passage, let range):
      guard !isCorpus else {
        throw RowProblem("the row holds passages, rows before name them by id; keep to one")
      }
      let place = record.offset + range.lowerBound..<record.offset + range.upperBound
      return try passages.add(passage, at: place).number
    case .named(let id):
      try openCorpus()
      guard let number = passages.number(of: IdentityKey(id: id)) else {
        throw RowProblem("the passage \"\(id)\" is not in \(passages.file.name)")
      }
      return number
    }
  }

  private mutating func openCorpus() throws {
    guard !isCorpus else { return }
    guard passages.count == 0 else {
      throw RowProblem("the row names passages by id, rows before hold them; keep to one")
    }
    guard let corpus = try corpus() else {
      throw RowProblem("passages are named by id: give the corpus they are in")
    }
    (passages, isCorpus) = (corpus, true)
  }

  private mutating func finish() throws -> TrainingContents {
    guard let format, pairs.rowCount > 0 else {
      throw FreshetError(.empty, "\(file.name): there is no query with a positive passage in it")
    }
    pairs.trim()
    passages.trim()
    let notes = withoutPositive.map {
      "\($0.first): no positive passage; left out, as \($0.count) in all are"
    }
    return TrainingContents(
      format: format, file: file, pairs: pairs, passages: passages, negatives: nil,
      digest: digest.hexadecimal(), notes: notes.map { [$0] } ?? [])
  }
}
