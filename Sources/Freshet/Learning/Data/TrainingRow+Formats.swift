extension TrainingRow {
  /// A line of BEIR's `queries.jsonl`; its passages are in the judgements.
  init(beirQuery node: JSONNode) throws(RowProblem) {
    let (id, text) = (try node.field("_id", "id"), try node.field("text"))
    self.init(queryID: try id.node.id(id.name), query: try text.node.string(text.name))
  }

  /// A record of Dense Passage Retrieval's training files (Karpukhin et al. 2020).
  init(dpr node: JSONNode) throws(RowProblem) {
    let question = try node.field("question")
    let positives = try node.field("positive_ctxs")
    func passages(_ name: String) throws(RowProblem) -> [Mention] {
      try node[name]?.mentions(name) ?? []
    }
    let hard = try passages("hard_negative_ctxs")
    self.init(
      query: try question.node.string(question.name),
      positives: try positives.node.mentions(positives.name),
      negatives: hard.isEmpty ? try passages("negative_ctxs") : hard)
  }

  /// A row of FlagEmbedding's training files. Scores and prompts are not used.
  init(flagEmbedding node: JSONNode) throws(RowProblem) {
    let (query, positives) = (try node.field("query"), try node.field("pos"))
    self.init(
      query: try query.node.string(query.name),
      positives: try positives.node.texts(positives.name),
      negatives: try node["neg"]?.texts("neg") ?? [])
  }

  /// A row of Tevatron's training files, with the passages or with their ids.
  init(tevatron node: JSONNode) throws(RowProblem) {
    let query = try node.field("query", "query_text")
    self.init(
      queryID: try node["query_id"]?.id("query_id"), query: try query.node.string(query.name))
    if let passages = node["positive_passages"] {
      positives = try passages.mentions("positive_passages")
      negatives = try node["negative_passages"]?.mentions("negative_passages") ?? []
    } else {
      let ids = try node.field("positive_passages", "positive_document_ids")
      positives = try Self.named(ids.node, ids.name)
      negatives = try node["negative_document_ids"].map { list throws(RowProblem) in
        try Self.named(list, "negative_document_ids")
      } ?? []
    }
  }

  private static func named(_ node: JSONNode, _ name: String) throws(RowProblem) -> [Mention] {
    try node.list(name).map { element throws(RowProblem) in
      .named(try element.id("an element of \(name)"))
    }
  }
}
