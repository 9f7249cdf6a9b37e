/// What a row of training data says, whatever its format.
struct TrainingRow {
  /// A passage that a row names.
  enum Mention {
    /// Its text stands in the row, at these bytes of it.
    case given(DataPassage, Range<Int>)
    /// Its id alone: the text is in a corpus.
    case named(String)

    /// The passage's id, or one made of its text.
    var id: String {
      switch self {
      case .given(let passage, _): passage.id ?? passage.key.id
      case .named(let id): id
      }
    }
  }

  /// The id the data names; without one the text is the query's identity.
  var queryID: String?
  var query: String
  var positives: [Mention]
  var negatives: [Mention]

  /// The query's id, or one made of its text.
  var idOfQuery: String { queryID ?? IdentityKey(text: query).id }

  /// - Throws: `RowProblem` saying what the row lacks to be of this format.
  init(_ node: JSONNode, format: TrainingDataFormat) throws(RowProblem) {
    switch format {
    case .beir: try self.init(beirQuery: node)
    case .dpr: try self.init(dpr: node)
    case .sentenceTransformers: try self.init(sentenceTransformers: node)
    case .flagEmbedding: try self.init(flagEmbedding: node)
    case .tevatron: try self.init(tevatron: node)
    }
    guard query.contains(where: { !$0.isWhitespace }) else {
      throw RowProblem("the query is empty")
    }
    for mention in positives + negatives {
      if case .given(let passage, _) = mention, passage.text.allSatisfy(\.isWhitespace) {
        throw RowProblem("a passage is empty")
      }
    }
  }

  init(
    queryID: String? = nil, query: String, positives: [Mention] = [], negatives: [Mention] = []
  ) {
    self.queryID = queryID
    self.query = query
    self.positives = positives
    self.negatives = negatives
  }
}

extension JSONNode {
  /// The passage that this value is.
  func mention(_ name: String) throws(RowProblem) -> TrainingRow.Mention {
    .given(try DataPassage(self, name), range)
  }

  /// The passages of a list.
  func mentions(_ name: String) throws(RowProblem) -> [TrainingRow.Mention] {
    try list(name).map { element throws(RowProblem) in try element.mention(name) }
  }

  /// The passages whose texts are the strings of a list.
  func texts(_ name: String) throws(RowProblem) -> [TrainingRow.Mention] {
    try list(name).map { element throws(RowProblem) in
      _ = try element.string("an element of \(name)")
      return try element.mention(name)
    }
  }
}
