import Encoder

/// What a loss holds: bytes by the extents of its rows and columns, in the terms of
/// ``ContrastiveObjective``.
struct LossMemory: Sendable, Equatable {
  /// Embeddings of a group, once.
  let representations: Int
  /// The most that one evaluation holds beside them: gradients, truncated embeddings, scores.
  let evaluation: Int
  /// The memory bank.
  let bank: Int

  /// - Parameters:
  ///   - rows: queries of a group.
  ///   - dimension: columns of an embedding.
  init(_ configuration: TrainingConfiguration, rows: Int, dimension: Int) {
    let perExample = 1 + configuration.hardNegativesPerQuery
    let texts = rows * (1 + perExample)
    let widths = configuration.matryoshkaDimensions
    let (most, sum) = (widths.max() ?? dimension, widths.reduce(0, +))
    let directions = configuration.isSymmetric ? 2 : 1
    let columns = (rows + configuration.bankSize) * perExample
    // As `scoreRowRanges(rows:columns:)` cuts them.
    let scores = max(min(rows * columns, 1 << 23), columns)
    // The gradient of all widths; of one width the sum and that of a direction, and products of a
    // block; truncated embeddings of all widths until they go into the bank.
    let gradients = texts * (dimension + 2 * most) + rows * most + texts * sum
    let lines = configuration.bankSize == 0 ? 0 : configuration.bankSize / rows + 2
    let examples = configuration.bankSize
    let sides = perExample + (configuration.bankSides == .both ? 1 : 0)
    let banked = examples * sides * (widths.isEmpty ? dimension : sum)
    let sums = configuration.bankSides == .both
      ? (examples + rows) * (lines + 3) * directions * max(widths.count, 1) : 0
    representations = texts * dimension * 4
    evaluation = (gradients + scores) * 4
    // Ids, by which false negatives are found: each in a few tables.
    bank = (banked + sums) * 4 + examples * perExample * 400
  }
}
