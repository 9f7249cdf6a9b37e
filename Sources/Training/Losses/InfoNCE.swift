import Foundation
import Tensors

/// Softmax cross-entropy of every query's positive among all passages of the batch
/// (van den Oord et al. 2018), with its gradients in closed form.
///
///     S = Q·Cᵀ / τ      L = −mean_i log softmax(S_i)[label_i]
///     dS = (softmax(S) − onehot) / (rows · τ)      dQ = dS·C      dC = dSᵀ·Q
struct InfoNCE: Sendable {
  /// τ; logits are `score / τ`.
  let temperature: Double

  /// The loss of a batch and what the encoder is told about it.
  struct Result: Sendable {
    /// Mean over the rows, in nats.
    var loss: Double
    /// Share of the rows whose label scores above every other column.
    var accuracy: Double
    /// (rows, d): the gradient of `queries`.
    var queryGradient: Matrix
    /// (columns, d): the gradient of `columns`.
    var columnGradient: Matrix
  }

  /// - Parameters:
  ///   - queries: (rows, d).
  ///   - columns: (columns, d).
  ///   - labels: the column of each row's positive.
  ///   - excluded: for each row, columns that take no part in it; never its label.
  func evaluate(
    queries: Matrix, columns: Matrix, labels: [Int], excluded: [[Int]]
  ) -> Result {
    precondition(
      queries.rows == labels.count && queries.rows == excluded.count && queries.rows > 0,
      "InfoNCE: \(queries.rows) rows, \(labels.count) labels, \(excluded.count) masks")
    var scores = product(queries, columns, transposeB: true)
    let scale = 1 / (Double(queries.rows) * temperature)
    var (loss, correct) = (0.0, 0)
    for row in labels.indices {
      var values = scores.row(row)
      precondition(!excluded[row].contains(labels[row]), "InfoNCE: row \(row) masks its own label")
      for column in excluded[row] { values[column] = -.infinity }
      let (rowLoss, isCorrect) = differentiate(&values, label: labels[row], scale: scale)
      scores.setRow(row, to: values)
      loss += rowLoss
      correct += isCorrect ? 1 : 0
    }
    let rows = Double(queries.rows)
    return Result(
      loss: loss / rows, accuracy: Double(correct) / rows,
      queryGradient: product(scores, columns),
      columnGradient: product(scores, queries, transposeA: true))
  }

  /// Replaces a row of scores by its gradient; returns its loss. NaN begets NaN.
  private func differentiate(
    _ values: inout [Float], label: Int, scale: Double
  ) -> (loss: Double, isCorrect: Bool) {
    let target = Double(values[label])
    let top = Double(values.max() ?? 0)
    let rivals = values.indices.contains { $0 != label && values[$0] >= values[label] }
    let weights = values.map { exp((Double($0) - top) / temperature) }
    let sum = weights.reduce(0, +)
    for i in values.indices {
      values[i] = Float((weights[i] / sum - (i == label ? 1 : 0)) * scale)
    }
    return (log(sum) - (target - top) / temperature, !rivals)
  }
}
