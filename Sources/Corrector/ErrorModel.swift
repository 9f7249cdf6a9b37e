public import Tensors

/// Predicts the error of a corrected row, `1 − cos(corrected, fresh)`, without its fresh vector.
///
/// Two cheap signs of trouble are combined: how far the corrector moved the row, and how far the
/// stale row lies from the ground the corrector was fitted on (its nearest cluster). A linear
/// score of the two is turned into an error by a monotone curve, both calibrated on held-out rows,
/// whose errors are those of rows the corrector has not seen.
public struct ErrorModel: Sendable, Codable, Equatable {
  /// How well predictions matched the errors of held-out rows they were not calibrated on.
  public struct Calibration: Sendable, Codable, Equatable {
    /// Mean predicted and mean true error.
    public let meanPredicted: Double, meanActual: Double
    /// Spearman's rank correlation of predicted and true error; 0 when either never varies.
    public let rankCorrelation: Double
    /// Mean true error of the fifth of rows predicted worst, and of the fifth predicted best.
    public let worstFifth: Double, bestFifth: Double
  }

  /// Two-fold cross-validation on the held-out rows.
  public let calibration: Calibration
  /// The rows of that cross-validation, in the order they were given.
  public let calibrationPoints: [CalibrationPoint]
  private let grounds: FitGrounds
  private let score: LinearScore
  private let curve: MonotoneCurve

  /// Calibrates on held-out rows.
  ///
  /// - Parameters:
  ///   - stale: `(n, d)` held-out rows, n > 0, and what the corrector made of them: `(n, d')`.
  ///   - errors: their true errors.
  ///   - grounds: the clusters of the stale rows the corrector was fitted on.
  init(stale: Matrix, corrected: Matrix, errors: [Double], grounds: FitGrounds) {
    precondition(stale.rows == errors.count && !errors.isEmpty, "no rows to calibrate on")
    let signs = errorSigns(stale: stale, corrected: corrected, grounds: grounds)
    self.grounds = grounds
    (score, curve) = ErrorModel.fit(signs, errors, Array(errors.indices))
    calibrationPoints = ErrorModel.crossValidated(signs, errors)
    calibration = Calibration(of: calibrationPoints)
  }

  /// Predicted `1 − cos(corrected, fresh)` per row, in [0, 2].
  ///
  /// - Parameters:
  ///   - stale: `(n, d)`.
  ///   - corrected: `(n, d')`, the corrector's result for `stale`.
  /// - Complexity: O(n · (d + d')), in blocks of rows.
  public func predictedErrors(stale: Matrix, corrected: Matrix) -> [Float] {
    precondition(
      stale.rows == corrected.rows, "\(stale.rows) stale rows, \(corrected.rows) corrected ones")
    return Swift.stride(from: 0, to: stale.rows, by: applyBlockRows).flatMap { start in
      let block = start..<min(start + applyBlockRows, stale.rows)
      return errorSigns(
        stale: stale[rows: block], corrected: corrected[rows: block], grounds: grounds
      ).map { Float(curve.value(at: score.value($0))) }
    }
  }

  private static func fit(
    _ signs: [ErrorSigns], _ errors: [Double], _ rows: [Int]
  ) -> (LinearScore, MonotoneCurve) {
    let (signs, errors) = (rows.map { signs[$0] }, rows.map { errors[$0] })
    let score = LinearScore(fitting: errors, to: signs)
    return (score, MonotoneCurve(fitting: errors, to: signs.map { score.value($0) }))
  }

  /// Every row predicted by a model calibrated on the other half (held-out rows are in an order
  /// drawn by the seed, so alternate rows are random halves).
  private static func crossValidated(
    _ signs: [ErrorSigns], _ errors: [Double]
  ) -> [CalibrationPoint] {
    var predicted = [Double](repeating: 0, count: errors.count)
    for half in 0..<2 {
      let others = errors.indices.filter { $0 % 2 != half }
      let (score, curve) = fit(signs, errors, others.isEmpty ? Array(errors.indices) : others)
      for row in errors.indices where row % 2 == half {
        predicted[row] = curve.value(at: score.value(signs[row]))
      }
    }
    return zip(predicted, errors).map { CalibrationPoint(predicted: $0, actual: $1) }
  }
}
