internal import Corrector

/// What a report tells of a refresh: of a collection, or of bare vectors.
struct RefreshFindings {
  /// One way to the new encoder.
  struct Way {
    var name: String
    /// By metric, `[low, estimate, high]`.
    var quality: [String: [Double]]
    /// Nil where nobody can tell.
    var seconds: Double?
    var encodes: Int
  }

  /// What was refreshed.
  var title: String
  /// In a few words each: sizes, encoders.
  var facts: [String]
  /// What the vectors are of: "passages", "vectors".
  var things: String
  var ways: [Way]
  /// Name of the way that is taken.
  var chosen: String
  /// The way that is advised, where that can be told.
  var advice: RefreshAdvice?
  var candidates: [JudgedCandidate]
  var skipped: [SkippedCandidate]
  var recovery: Double
  var calibration: ErrorModel.Calibration
  /// Errors of held-out rows.
  var points: [CalibrationPoint]
  /// Drifts of the held-out rows, before they are corrected and after, by maps that have not seen
  /// them; nil before where stale vectors are of another dimension.
  var staleDrifts: [Double]?, correctedDrifts: [Double]
  /// Predicted errors of rows evenly taken from all, and how many these are.
  var predictedErrors: [Float], total: Int
  var examples: [NeighbourExample]
  /// What the held-out rows that the examples show are called, by their place.
  var names: [Int: String]
  /// Names and values.
  var configuration: [[String]]

  /// Rows whose errors are predicted for a report, at most.
  static let mostPredicted = 5000

  /// At most `count` of so many things, evenly.
  static func spread(_ count: Int, of total: Int) -> [Int] {
    let taken = min(count, total)
    return (0..<taken).map { $0 * total / taken }
  }
}
