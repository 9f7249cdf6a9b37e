import Tensors

/// The loss of a training run over whatever rows there are: InfoNCE of a group of examples and of
/// those in the memory bank, in one direction or both, at one width or several.
package struct ContrastiveObjective: Sendable {
  /// τ; logits are `score / τ`.
  let temperature: Double
  /// What the sum of losses is divided by.
  let normaliser: LossNormaliser
  /// Whether passages known to answer a query are kept from being its negatives.
  let masksFalseNegatives: Bool
  /// Whether the bank holds queries, which are then rows of the loss.
  let banksQueries: Bool
  /// The loss is the mean of these.
  let directions: [LossDirection]
  /// The loss is the sum over these.
  let truncations: [Truncation]

  /// What a loss came to, and what the towers are told about it.
  package struct Result: Sendable {
    /// The loss of the rows over the normaliser, in nats, before any weight.
    package var loss = 0.0
    /// Share of the local rows whose label scores above every other column, at the largest width.
    var accuracy = 0.0
    /// Element k − 1: the softmax mass that the local queries give the bank's positives of k groups
    /// ago, on average, at the largest width (ContAccum, eq. 10). Empty without a bank.
    package var massByAge: [Double] = []
    /// (rows, d): the gradient of the queries, weight included.
    var queryGradient: Matrix
    /// (columns, d): the gradient of the columns, weight included.
    var columnGradient: Matrix
  }

  /// - Parameter normalizes: whether embeddings have unit length, so that truncated ones are given
  ///   it again.
  package init(_ configuration: TrainingConfiguration, normalizes: Bool = true) {
    temperature = configuration.temperature
    normaliser = configuration.normaliser
    masksFalseNegatives = configuration.masksFalseNegatives
    banksQueries = configuration.bankSides == .both
    directions = configuration.isSymmetric ? [.queries, .passages] : [.queries]
    let dimensions = configuration.matryoshkaDimensions.map(Optional.some)
    truncations = (dimensions.isEmpty ? [nil] : dimensions).map {
      Truncation(dimensions: $0, normalizes: normalizes)
    }
  }

  /// The loss of a group and its gradients times `weight`; then the group goes into the bank.
  ///
  /// - Parameters:
  ///   - queries: (rows, d).
  ///   - columns: (columns, d): positives of the rows, then negatives in the order of their owners.
  func evaluate(
    queries: Matrix, columns: Matrix, of batch: TrainingBatch, weight: Double,
    bank: inout MemoryBank
  ) -> Result {
    align(&bank, forGroupsOf: batch.rows)
    let (result, group) = differentiate(
      queries: queries, columns: columns, of: batch, weight: weight, bank: bank)
    bank.append(group)
    return result
  }

  /// The same, with what is to go into the bank, which is read only.
  ///
  /// Traps when the bank is not aligned for the group; see ``align(_:forGroupsOf:)``.
  func differentiate(
    queries: Matrix, columns: Matrix, of batch: TrainingBatch, weight: Double, bank: MemoryBank
  ) -> (Result, MemoryBank.Group) {
    precondition(
      queries.rows == batch.rows && columns.rows == batch.columns.count && batch.rows > 0
        && columns.columns == queries.columns,
      "embeddings of \(queries.rows) queries and \(columns.rows) passages for a batch of "
        + "\(batch.rows) and \(batch.columns.count)")
    let terms = LossTerms(self, batch, weight: weight, bank: bank)
    var result = Result(
      queryGradient: Matrix(rows: queries.rows, columns: queries.columns),
      columnGradient: Matrix(rows: columns.rows, columns: columns.columns))
    var widths: [BankedRows.Group] = []
    for (i, truncation) in truncations.enumerated() {
      let (q, c) = (truncation.apply(to: queries), truncation.apply(to: columns))
      let found = terms.evaluate(queries: q.rows, columns: c.rows, width: i)
      result.loss += found.loss
      if i == widest { (result.accuracy, result.massByAge) = (found.accuracy, found.massByAge) }
      truncation.addGradient(
        found.queryGradient, truncated: q.rows, lengths: q.lengths, to: &result.queryGradient)
      truncation.addGradient(
        found.columnGradient, truncated: c.rows, lengths: c.lengths, to: &result.columnGradient)
      widths.append(
        BankedRows.Group(
          dimensions: truncation.dimensions, queries: banksQueries ? q.rows : nil, columns: c.rows,
          sums: found.kept))
    }
    return (result, MemoryBank.Group(batch, widths: widths))
  }

  /// Which of the truncations is the largest.
  private var widest: Int {
    let widths = truncations.map { $0.dimensions ?? .max }
    return widths.firstIndex(of: widths.max() ?? 0) ?? 0
  }
}
