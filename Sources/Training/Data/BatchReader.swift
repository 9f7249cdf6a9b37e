import Encoder
import Tensors

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

  /// The examples at `indices` as rows of the towers.
  ///
  /// - Parameters:
  ///   - firstItem: number of the first text within the step, for its dropout; moved on.
  ///   - models: one, or the query's and the passage's.
  func group(
    _ indices: [Int], step: Int, firstItem: inout Int, models: [PackedModel]
  ) throws -> ContrastiveGroup<EncoderRows> {
    let pairs = try indices.map { try trainer.pairs.pair(at: $0) }
    let drawn = zip(indices, pairs).map { negatives.draw(for: $1, index: $0, step: step) }
    let batch = TrainingBatch(pairs, negatives: drawn)
    let queries = pairs.map {
      trainer.encoder.tokenize(
        $0.query, as: .query, maximumLength: configuration.maximumQueryLength
      ).ids
    }
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
        dropoutKeys: keys.map { Array($0.dropFirst(queries.count)) }, model: models[1]))
  }
}

extension TowerRows<EncoderRows> {
  /// Number of tokens; a text that is encoded twice counts once.
  var tokenCount: Int {
    switch self {
    case .tied(let rows, _): rows.costs.reduce(0, +)
    case .untied(let query, let passage):
      query.costs.reduce(0, +) + passage.costs.reduce(0, +)
    }
  }
}
