internal import Tensors

/// Predicted and true error, `1 − cos(corrected, fresh)`, of one row that no fitting has seen.
public struct CalibrationPoint: Sendable, Codable, Equatable {
  public let predicted: Double, actual: Double

  public init(predicted: Double, actual: Double) {
    (self.predicted, self.actual) = (predicted, actual)
  }
}

extension CorrectorReport {
  /// The errors of the held-out rows under the chosen corrector, each predicted by an error model
  /// that was calibrated on the other half of them.
  ///
  /// - Parameters:
  ///   - pairs: those that were fitted.
  ///   - seed: that of the fit.
  /// - Returns: one for each of `heldOutRows`, in their order.
  public func calibrationPoints(of pairs: CorrectionPairs, seed: UInt64) -> [CalibrationPoint] {
    let isHeldOut = Set(heldOutRows)
    let fitRows = (0..<pairs.stale.rows).filter { !isHeldOut.contains($0) }
    let grounds = FitGrounds(of: pairs.stale.gathering(fitRows), seed: seed)
    let heldOut = pairs.gathering(heldOutRows)
    let corrected = corrector.apply(heldOut.stale, features: heldOut.features)
    let errors = rowCosines(corrected, heldOut.fresh).map { 1 - $0 }
    var points = errors.map { CalibrationPoint(predicted: 0, actual: $0) }
    for half in 0..<2 {
      let own = errors.indices.filter { $0 % 2 == half }
      let others = errors.indices.filter { $0 % 2 != half }
      let model = ErrorModel(
        stale: heldOut.stale.gathering(others), corrected: corrected.gathering(others),
        errors: others.map { errors[$0] }, grounds: grounds)
      let predicted = model.predictedErrors(
        stale: heldOut.stale.gathering(own), corrected: corrected.gathering(own))
      for (row, value) in zip(own, predicted) {
        points[row] = CalibrationPoint(predicted: Double(value), actual: errors[row])
      }
    }
    return points
  }
}
