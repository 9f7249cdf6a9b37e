/// Which columns of a sentence-transformers row are what.
///
/// sentence-transformers itself goes by order: anchor, positive, negatives. Names that say what
/// they are go before it, so that a file whose keys were sorted is not read wrongly.
struct SentenceColumns {
  let anchor: String, positive: String
  let negatives: [String]

  private static let anchors = ["anchor", "query", "question", "sentence1"]
  private static let positives = ["positive", "answer", "passage", "document", "sentence2"]
  /// What is no text: labels are looked at, scores are not used.
  private static let labels = ["label", "labels", "score", "scores"]

  /// By name; nil when no column is a known anchor, or none a known positive.
  init?(named row: JSONNode) {
    guard let anchor = row.first(of: Self.anchors), let positive = row.first(of: Self.positives)
    else { return nil }
    (self.anchor, self.positive) = (anchor.name, positive.name)
    negatives = row.keys.filter { $0.hasPrefix("negative") }
  }

  /// By name, else by order.
  ///
  /// - Throws: `RowProblem` when there are fewer than two columns.
  init(_ row: JSONNode) throws(RowProblem) {
    if let named = SentenceColumns(named: row) {
      self = named
      return
    }
    guard case .object = row.value else {
      throw RowProblem("\(row.kind), an object of columns or a list of texts was expected")
    }
    let columns = row.keys.filter { !Self.labels.contains($0) }
    guard columns.count >= 2 else {
      throw RowProblem(
        "the columns are \(columns.quoted): an anchor and a positive were expected, such as "
          + "\"anchor\" and \"positive\"")
    }
    (anchor, positive) = (columns[0], columns[1])
    negatives = Array(columns.dropFirst(2))
  }
}

extension TrainingRow {
  /// A row of a sentence-transformers data set: a pair, a triplet, a tuple, or a labelled list.
  init(sentenceTransformers node: JSONNode) throws(RowProblem) {
    if case .array(let texts) = node.value {
      guard texts.count >= 2 else {
        throw RowProblem("\(texts.count) texts in the list, an anchor and a positive were expected")
      }
      self.init(
        query: try texts[0].string("the anchor"),
        positives: try node.texts("the row").dropFirst().prefix(1).map { $0 },
        negatives: try node.texts("the row").dropFirst(2).map { $0 })
      return
    }
    let columns = try SentenceColumns(node)
    let (anchor, positive) = (try node.field(columns.anchor), try node.field(columns.positive))
    self.init(query: try anchor.node.string(anchor.name))
    positives = try Self.texts(positive.node, positive.name)
    for column in columns.negatives {
      // A row with fewer negatives than the others has null.
      if let texts = node[column] { negatives += try Self.texts(texts, column) }
    }
    if let labels = node.first(of: ["labels", "label", "score"]) {
      try apply(labels.node, labels.name)
    }
  }

  /// A text or a list of texts.
  private static func texts(_ node: JSONNode, _ name: String) throws(RowProblem) -> [Mention] {
    if case .array = node.value { return try node.texts(name) }
    _ = try node.string(name)
    return [try node.mention(name)]
  }

  /// Parts a list of passages by their labels.
  private mutating func apply(_ labels: JSONNode, _ name: String) throws(RowProblem) {
    guard case .array(let values) = labels.value else {
      guard case .number(let label) = labels.value, Double(label) == 1 else {
        throw RowProblem(
          "\"\(name)\" is not 1: pairs of a label or score are not pairs to train towards; give "
            + "triplets, or lists with \"labels\"")
      }
      return
    }
    guard values.count == positives.count else {
      throw RowProblem("\(values.count) \"\(name)\" for \(positives.count) passages")
    }
    let passages = positives
    positives = []
    for (passage, label) in zip(passages, values) {
      guard case .number(let text) = label.value, let value = Double(text) else {
        throw RowProblem("\"\(name)\" holds \(label.kind), numbers were expected")
      }
      if value > 0 { positives.append(passage) } else { negatives.append(passage) }
    }
  }
}
