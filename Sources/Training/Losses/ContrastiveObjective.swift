import Tensors

/// The loss of a training run over whatever rows there are.
struct ContrastiveObjective: Sendable {
  /// τ; logits are `score / τ`.
  let temperature: Double

  /// What a loss came to, and what the towers are told about it.
  struct Result: Sendable {
    /// The mean over the rows, in nats, before any weight.
    var loss: Double
    /// Share of the local rows whose label scores above every other column.
    var accuracy: Double
    /// (rows, d): the gradient of the queries, weight included.
    var queryGradient: Matrix
    /// (columns, d): the gradient of the columns, weight included.
    var columnGradient: Matrix
  }

  init(_ configuration: TrainingConfiguration) {
    temperature = configuration.temperature
  }

  /// The loss of a group and its gradients times `weight`; then the group goes into the bank.
  ///
  /// - Parameters:
  ///   - queries: (rows, d).
  ///   - columns: (columns, d): positives of the rows, then negatives.
  func evaluate(
    queries: Matrix, columns: Matrix, of batch: TrainingBatch, weight: Double,
    bank: inout MemoryBank
  ) -> Result {
    let plain = InfoNCE(temperature: temperature).evaluate(
      queries: queries, columns: columns, labels: Array(0..<batch.rows), excluded: batch.excluded)
    var result = Result(
      loss: plain.loss, accuracy: plain.accuracy, queryGradient: plain.queryGradient,
      columnGradient: plain.columnGradient)
    result.queryGradient.scale(by: Float(weight))
    result.columnGradient.scale(by: Float(weight))
    return result
  }
}
