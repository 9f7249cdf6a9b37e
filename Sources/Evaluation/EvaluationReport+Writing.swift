public import Foundation

extension EvaluationReport {
  /// Writes each counted query's values, queries in ascending order of their ids: JSON Lines
  /// `{"query": …, "ndcg@10": …}` for a name that ends in `.jsonl`, else tab-separated with a head.
  ///
  /// The file appears whole or not at all. Values are written to be read back the same.
  /// - Throws: `EvaluationError` when the file cannot be written, or an id holds a tab or line end
  ///   (tab-separated only).
  public func writePerQuery(_ metrics: [Metric], to file: URL) throws {
    let isLines = file.pathExtension == "jsonl"
    var text = isLines ? "" : (["query"] + metrics.map(\.name)).joined(separator: "\t") + "\n"
    for query in perQuery.keys.sorted(by: precedesInBytes) {
      let values = metrics.map { perQuery[query]?[$0] ?? 0 }
      text += try isLines ? line(query, metrics, values) : row(query, values)
    }
    do {
      try Data(text.utf8).write(to: file, options: .atomic)
    } catch {
      throw EvaluationError(.io, "\(file.path): cannot be written: \(error.localizedDescription)")
    }
  }

  private func row(_ query: String, _ values: [Double]) throws(EvaluationError) -> String {
    guard !query.contains(where: { $0 == "\t" || $0.isNewline }) else {
      throw EvaluationError(
        .invalidArgument,
        "the query id \"\(query)\" holds a tab or a line end: write JSON Lines (.jsonl) instead")
    }
    return ([query] + values.map { "\($0)" }).joined(separator: "\t") + "\n"
  }

  private func line(_ query: String, _ metrics: [Metric], _ values: [Double]) throws -> String {
    let id = String(decoding: try JSONEncoder().encode(query), as: UTF8.self)
    return "{\"query\":\(id)"
      + zip(metrics, values).map { ",\"\($0.name)\":\($1)" }.joined() + "}\n"
  }
}
