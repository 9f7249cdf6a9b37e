import Encoder
import Tensors

/// A pair of an update, with the negatives that were sampled for it.
struct BatchExample: Sendable {
  /// The pair's place in the data.
  let index: Int
  private(set) var pair: TrainingPair
  private(set) var sampled: [String] = []

  init(index: Int, pair: TrainingPair) { (self.index, self.pair) = (index, pair) }

  /// Takes over what was drawn; duplicates of answers become answers.
  mutating func add(_ drawn: SampledNegatives) {
    sampled = drawn.ids
    pair.otherPositiveIDs += drawn.duplicates
  }
}

/// Reads and tokenizes what a loss is about.
struct BatchReader {
  private let trainer: Trainer
  private let negatives: GivenNegatives

  private var configuration: TrainingConfiguration { trainer.configuration }

  init(_ trainer: Trainer) {
    self.trainer = trainer
    negatives = GivenNegatives(
      perQuery: trainer.configuration.negativesPerQuery, seed: trainer.configuration.seed)
  }

  /// The pairs at `indices`, with nothing sampled.
  func examples(_ indices: [Int]) throws -> [BatchExample] {
    try indices.map { BatchExample(index: $0, pair: try trainer.pairs.pair(at: $0)) }
  }

  /// The embeddings of the examples' queries, (examples, d), as a search would have them: without
  /// dropout, as the passages they are scored against, and nothing is kept for a gradient.
  func queryEmbeddings(_ examples: [BatchExample], by model: PackedModel) -> Matrix {
    model.encode(
      examples.map(queryTokens), promptLength: trainer.encoder.promptLength(for: .query))
  }

  private func queryTokens(_ example: BatchExample) -> [Int32] {
    trainer.encoder.tokenize(
      example.pair.query, as: .query, maximumLength: configuration.maximumQueryLength
    ).ids
  }

  /// The examples as rows of the towers.
  ///
  /// - Parameters:
  ///   - firstItem: number of the first text within the step, for its dropout; moved on.
  ///   - models: one, or the query's and the passage's.
  func group(
    _ examples: [BatchExample], step: Int, firstItem: inout Int, models: [PackedModel]
  ) throws -> ContrastiveGroup<EncoderRows> {
    let drawn = examples.map {
      negatives.draw(for: $0.pair, index: $0.index, step: step) + $0.sampled
    }
    let batch = TrainingBatch(examples.map(\.pair), negatives: drawn)
    let queries = examples.map(queryTokens)
    let passages = try batch.columns.map {
      trainer.encoder.tokenize(
        try trainer.passages.text(ofPassage: $0), as: .passage,
        maximumLength: configuration.maximumPassageLength
      ).ids
    }
    let items = firstItem..<firstItem + queries.count + passages.count
    firstItem = items.upperBound
    let rows = rows(queries, passages, items: items, step: step, models: models)
    return ContrastiveGroup(batch: batch, rows: rows)
  }

  private func rows(
    _ queries: [[Int32]], _ passages: [[Int32]], items: Range<Int>, step: Int,
    models: [PackedModel]
  ) -> TowerRows<EncoderRows> {
    let keys = configuration.usesDropout
      ? items.map { Dropout.key(seed: configuration.seed, step: step, item: $0) } : nil
    func prompts(_ count: Int, _ role: TextRole) -> [Int] {
      [Int](repeating: trainer.encoder.promptLength(for: role), count: count)
    }
    let (queryPrompts, passagePrompts) = (
      prompts(queries.count, .query), prompts(passages.count, .passage)
    )
    guard models.count == 2 else {
      return .tied(
        EncoderRows(
          tokens: queries + passages, promptLengths: queryPrompts + passagePrompts,
          dropoutKeys: keys, model: models[0]),
        queries: queries.count)
    }
    return .untied(
      query: EncoderRows(
        tokens: queries, promptLengths: queryPrompts,
        dropoutKeys: keys.map { Array($0.prefix(queries.count)) }, model: models[0]),
      passage: EncoderRows(
        tokens: passages, promptLengths: passagePrompts,
        dropoutKeys: configuration.isFrozen(tower: 1)
          ? nil : keys.map { Array($0.dropFirst(queries.count)) },
        model: models[1]))
  }
}

extension TowerRows<EncoderRows> {
  /// Token ids of the passages.
  var passageTokens: [[Int32]] {
    switch self {
    case .tied(let rows, let queries): Array(rows.tokens[queries...])
    case .untied(_, let passage): passage.tokens
    }
  }

  /// Number of tokens; a text that is encoded twice counts once.
  var tokenCount: Int {
    switch self {
    case .tied(let rows, _): rows.costs.reduce(0, +)
    case .untied(let query, let passage):
      query.costs.reduce(0, +) + passage.costs.reduce(0, +)
    }
  }
}
