/// Predicted and true error, `1 − cos(corrected, fresh)`, of one row by models that had not seen it.
public struct CalibrationPoint: Sendable, Codable, Equatable {
  public let predicted: Double, actual: Double

  public init(predicted: Double, actual: Double) {
    (self.predicted, self.actual) = (predicted, actual)
  }
}

extension ErrorModel.Calibration {
  /// What the points come to; there is one at least.
  init(of points: [CalibrationPoint]) {
    let actual = points.map(\.actual), predicted = points.map(\.predicted)
    let order = points.indices.sorted { (predicted[$0], $0) < (predicted[$1], $1) }
    let fifth = max(1, points.count / 5)
    self.init(
      meanPredicted: mean(predicted), meanActual: mean(actual),
      rankCorrelation: spearman(predicted, actual),
      worstFifth: mean(order.suffix(fifth).map { actual[$0] }),
      bestFifth: mean(order.prefix(fifth).map { actual[$0] }))
  }
}
