public import Foundation
public import Training

/// Pairs to train on, and the texts of their passages, read from files when they are asked for.
///
/// The files are read through once, when they are opened: every row is checked then, and what is
/// kept is where things stand, some 40 bytes a passage and 25 a pair whatever their texts (see
/// ``heldBytes``). The files must not change while the data is in use; a change is noticed.
///
/// Every positive of a query makes a pair; the query's other positives go with it, also those of
/// other rows about the same query. Passages are told apart by their ids. Where the data names none
/// (FlagEmbedding, sentence-transformers, some of DPR), the text is the identity: the id is
/// `sha256:` and the first 32 hexadecimal digits of the SHA-256 of the text the encoder sees. Equal
/// texts are so one passage and never each other's negatives; the same holds for queries.
public struct TrainingData: Sendable, PairSource, PassageCorpus {
  private let contents: TrainingContents
  public let count: Int
  public let positives: [Int32]

  /// Opens a folder in BEIR layout; see
  /// ``init(path:format:split:negatives:corpus:temporaryFolder:)``.
  ///
  /// - Parameters:
  ///   - folder: holds `corpus.jsonl`, `queries.jsonl` and `qrels/<split>.tsv` (each may end in
  ///     `.gz`).
  ///   - negatives: a file that ``PassageCollection/mine(_:rules:format:to:options:progress:)``
  ///     wrote, or nil.
  /// - Throws: errors naming file and line, also for ids that are not in the corpus.
  public init(folder: String, split: String = "train", negatives: String? = nil) throws {
    try self.init(path: folder, format: .beir, split: split, negatives: negatives)
  }

  /// Opens training data of any format.
  ///
  /// - Parameters:
  ///   - path: a BEIR folder, or a file of one of the other formats; either as it is or compressed
  ///     by gzip. "-" is a file that comes through standard input.
  ///   - format: nil to recognise it: a folder is BEIR's, a file goes by the keys of its first row.
  ///   - split: which judgements of a BEIR folder to train on; files have no splits.
  ///   - negatives: mined negatives for a BEIR folder, or nil; files bring their own.
  ///   - corpus: passages that Tevatron's rows name by id: JSON Lines of `{"docid", "title"?,
  ///     "text"}`. Nil for `corpus.jsonl` beside the file.
  ///   - temporaryFolder: where compressed files are decompressed into files without a name; nil
  ///     for the system's.
  /// - Throws: `FreshetError` naming file and line (or record): `.badInput` for a row that is not
  ///   what its format says, a format that is not known, an id that is nowhere; `.empty` when there
  ///   is no pair. `EvaluationError` for a line of judgements.
  public init(
    path: String, format: TrainingDataFormat? = nil, split: String = "train",
    negatives: String? = nil, corpus: String? = nil, temporaryFolder: URL? = nil
  ) throws {
    let temporaryFolder = temporaryFolder ?? FileManager.default.temporaryDirectory
    func open(_ path: String) throws(FreshetError) -> DataFile {
      try DataFile(path: path, temporaryFolder: temporaryFolder)
    }
    if format == .beir || (format == nil && DataFolder.isFolder(path)) {
      contents = try BEIRLoader.load(path, split: split, negatives: negatives, open: open)
    } else {
      guard negatives == nil else {
        throw FreshetError(
          .badInput, "\(path): mined negatives go with a BEIR folder; this file brings its own")
      }
      let folder = URL(fileURLWithPath: path).deletingLastPathComponent().relativePath
      contents = try RowFileLoader.load(try open(path), format: format) {
        try (corpus ?? DataFolder.find("corpus.jsonl", in: folder)).map {
          try PassageTable(corpus: open($0))
        }
      }
    }
    count = contents.pairs.positives.count
    positives = contents.pairs.positives
  }

  /// The format the data is in.
  public var format: TrainingDataFormat { contents.format }

  /// Number of different passages, of the corpus or of all rows.
  public var passageCount: Int { contents.passages.count }

  /// Bytes held in memory for all pairs and passages.
  public var heldBytes: Int { contents.heldBytes }

  /// What a person should know though it stops nothing: one line each.
  public var notes: [String] { contents.notes }

  /// Of the ids and texts of queries, positives and negatives, in order, whatever the format.
  public var digest: String { contents.digest }

  /// A pair, by its place: queries in the order of the file, positives in theirs.
  ///
  /// - Throws: `FreshetError.badInput` when a file was changed since it was opened.
  public func pair(at index: Int) throws -> TrainingPair {
    precondition((0..<count).contains(index), "there is no pair \(index) among \(count)")
    let row = contents.pairs.row(ofPair: index)
    let content = try contents.row(row)
    let positive = positives[index]
    let others = contents.pairs.answers(toQueryOfRow: row).filter { $0 != positive }
    return TrainingPair(
      queryID: content.idOfQuery, query: content.query,
      positiveID: try contents.passages.id(of: positive),
      otherPositiveIDs: try others.map { try contents.passages.id(of: $0) },
      negativeIDs: try contents.negatives?.ids(ofRow: row) ?? content.negatives.map(\.id))
  }

  /// The id of a passage, by its place among ``passageCount``.
  ///
  /// - Throws: `FreshetError.badInput` when a file was changed since it was opened.
  func passageID(at index: Int) throws -> String { try contents.passages.id(of: Int32(index)) }

  /// The id and text of a passage, by its place among ``passageCount``: for a BEIR folder in the
  /// order of its corpus, else in the order the rows name them.
  ///
  /// - Throws: `FreshetError.badInput` when a file was changed since it was opened.
  public func passage(at index: Int) throws -> (id: String, text: String) {
    precondition(
      (0..<passageCount).contains(index), "there is no passage \(index) among \(passageCount)")
    return try contents.passages.passage(at: Int32(index))
  }

  /// The place of the passage with this id; nil when the data does not hold it.
  public func passageIndex(of id: String) -> Int? {
    contents.passages.number(of: IdentityKey(id: id)).map(Int.init)
  }

  /// - Throws: `FreshetError.badInput` for an id the data does not hold, or when a file was changed
  ///   since it was opened.
  public func text(ofPassage id: String) throws -> String {
    guard let text = try contents.passages.text(ofID: id) else {
      throw FreshetError(.badInput, "\(contents.passages.file.name): has no passage \"\(id)\"")
    }
    return text
  }
}
