/// The files that training data comes in. Each may be compressed by gzip.
public enum TrainingDataFormat: String, Sendable, CaseIterable {
  /// A folder with `corpus.jsonl`, `queries.jsonl` and `qrels/<split>.tsv`, as the BEIR benchmark
  /// has them, and perhaps Freshet's mined negatives beside it.
  case beir
  /// A JSON list (or JSON Lines) of `{"question", "positive_ctxs", "hard_negative_ctxs"?,
  /// "negative_ctxs"?}`, passages being `{"title"?, "text", "passage_id" or "psg_id"?}`: Dense
  /// Passage Retrieval's. Its `negative_ctxs` are used for questions without hard negatives, and
  /// questions without positives are left out, both as DPR itself does.
  case dpr
  /// JSON Lines with columns `anchor`, `positive`, and perhaps `negative`, `negative_1`, … (or
  /// `query` and `answer`, …): texts or lists of texts. A list under the second column with as many
  /// `labels` holds positives (1) and negatives (0). A row may also be a list of texts. Columns of
  /// other names are taken in their order when this format is asked for by name.
  case sentenceTransformers = "sentence-transformers"
  /// JSON Lines of `{"query", "pos": [text], "neg": [text]?}`, as FlagEmbedding trains on.
  case flagEmbedding = "flag-embedding"
  /// JSON Lines of `{"query_id"?, "query", "positive_passages": [{"docid", "title"?, "text"}],
  /// "negative_passages"?}`, or of `{"query_id", "query_text", "positive_document_ids",
  /// "negative_document_ids"?}` beside a corpus: Tevatron's.
  case tevatron
}

extension TrainingDataFormat {
  /// The format whose rows look like this one.
  ///
  /// - Throws: `RowProblem` that lists the keys found and the formats known.
  init(recognising row: JSONNode) throws(RowProblem) {
    let keys = Set(row.keys)
    func has(_ names: String...) -> Bool { keys.isSuperset(of: names) }
    if has("positive_ctxs") {
      self = .dpr
    } else if has("positive_passages") || has("positive_document_ids") {
      self = .tevatron
    } else if has("query", "pos") {
      self = .flagEmbedding
    } else if SentenceColumns(named: row) != nil || row.isListOfStrings {
      self = .sentenceTransformers
    } else {
      throw Self.unknown(row)
    }
  }

  private static func unknown(_ row: JSONNode) -> RowProblem {
    let keys = Set(row.keys)
    if keys.isSuperset(of: ["query_id", "positive_ids", "negatives"]) {
      return RowProblem("these are mined negatives: give them beside the BEIR folder they are for")
    }
    if keys.isSuperset(of: ["_id", "text"]) {
      return RowProblem("this is a corpus or a file of queries: give the BEIR folder it lies in")
    }
    let found = row.keys.isEmpty ? row.kind : "the keys \(row.keys.quoted)"
    return RowProblem(
      "\(found) are of no format that is known: \(allCases.map(\.shape).joined(separator: "; "));"
        + " name the format if it is one of these")
  }

  /// What to look for in a row.
  private var shape: String {
    switch self {
    case .beir: "beir (a folder)"
    case .dpr: "dpr (\"question\", \"positive_ctxs\")"
    case .sentenceTransformers: "sentence-transformers (\"anchor\", \"positive\", \"negative\")"
    case .flagEmbedding: "flag-embedding (\"query\", \"pos\", \"neg\")"
    case .tevatron: "tevatron (\"query\", \"positive_passages\" or \"positive_document_ids\")"
    }
  }
}

extension JSONNode {
  fileprivate var isListOfStrings: Bool {
    guard case .array(let elements) = value, elements.count >= 2 else { return false }
    return elements.allSatisfy {
      if case .string = $0.value { true } else { false }
    }
  }
}
