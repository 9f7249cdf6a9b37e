import Evaluation
import Foundation
import Testing

/// A folder of its own for one test, removed afterwards.
func withTemporaryFolder<T>(_ body: (URL) throws -> T) throws -> T {
  let folder = FileManager.default.temporaryDirectory
    .appendingPathComponent("freshet-evaluation-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  return try body(folder)
}

/// Writes `text` to a file of that name and hands over its location.
func withFile<T>(_ name: String, _ text: String, _ body: (URL) throws -> T) throws -> T {
  try withTemporaryFolder { folder in
    let file = folder.appendingPathComponent(name)
    try Data(text.utf8).write(to: file)
    return try body(file)
  }
}

/// The `EvaluationError` that `body` must throw.
func evaluationError(
  _ location: SourceLocation = #_sourceLocation, _ body: () throws -> Void
) throws -> EvaluationError {
  try #require(throws: EvaluationError.self, sourceLocation: location) { try body() }
}

/// A run that answers one query with passages in this order, scores falling by 1.
func ranked(_ query: String, _ ids: [String]) -> Run {
  Run(results: [query: ids.enumerated().map { (id: $1, score: -Double($0)) }])
}

func value(
  _ metric: Metric, _ run: Run, _ judgements: [String: [String: Int]],
  _ rules: EvaluationRules = EvaluationRules()
) throws -> Double {
  let report = try evaluate(
    run: run, qrels: Qrels(judgements: judgements), metrics: [metric], rules: rules)
  return try #require(report.metrics[metric])
}
