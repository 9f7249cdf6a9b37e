internal import Encoder
public import Evaluation
internal import Foundation
internal import Store
internal import Tensors

/// Queries with their judgements, checked against each other.
public struct JudgedQueries: Sendable {
  /// The queries that are judged, in the order of their file.
  public let queries: [Query]
  public let qrels: Qrels
  let qrelsFile: URL

  /// Reads queries (JSON Lines or tab-separated) and qrels (BEIR or TREC).
  ///
  /// - Throws: `FreshetError` or `EvaluationError` naming file and line, also for a judgement of a
  ///   query that is not in the queries file.
  public init(queries path: String, qrels qrelsPath: String) throws {
    qrelsFile = URL(fileURLWithPath: qrelsPath)
    let qrels = try Qrels(contentsOf: qrelsFile)
    let all = try Query.read(path: path)
    let ids = Set(all.map(\.id))
    try qrels.checkIDs(known: { _ in true }, queries: ids.contains, file: qrelsFile)
    self.qrels = qrels
    queries = all.filter { qrels.judgements[$0.id] != nil }
  }

  /// - Throws: `EvaluationError` naming file and line of a passage id that is not known.
  func check(known: Set<String>) throws {
    try qrels.checkIDs(known: known.contains, file: qrelsFile)
  }

  /// The ids of all judged passages.
  var passageIDs: [String] { Array(Set(qrels.judgements.values.flatMap(\.keys))) }
}

/// How well a generation answers judged queries.
public struct CollectionEvaluation: Sendable {
  public let generation: Int
  /// The answers, as deep as the metrics look.
  public let run: Run
  public let report: EvaluationReport
}

extension PassageCollection {
  /// Answers judged queries from the active generation and scores the answers.
  ///
  /// - Throws: as ``JudgedQueries``, and `EvaluationError` naming file and line of a judged passage
  ///   that is not in the collection.
  public func evaluate(
    _ judged: JudgedQueries, metrics: [Metric] = Metric.standard,
    rules: EvaluationRules = EvaluationRules(), options: SearchOptions = SearchOptions(),
    progress: ProgressHandler? = nil
  ) throws -> CollectionEvaluation {
    try checkedIDs(judged)
    // One more than asked: a rule may drop the query's own passage.
    let depth = (metrics.map(\.cutoff).max() ?? 10) + (rules.ignoresIdenticalIDs ? 1 : 0)
    let (generation, run) = try consistently { active, _ in
      let embeddings = queryEmbeddings(judged.queries, active.encoder, progress)
      let found = try findings(
        for: judged.queries.map(\.text), embeddings, in: active, k: depth, options)
      return (active.record.id, try self.run(judged.queries, found))
    }
    return CollectionEvaluation(
      generation: generation, run: run,
      report: try Evaluation.evaluate(run: run, qrels: judged.qrels, metrics: metrics, rules: rules)
    )
  }

  /// Makes sure that every judged passage is in the collection.
  ///
  /// - Returns: the rows of the judged passages by id.
  @discardableResult
  func checkedIDs(_ judged: JudgedQueries) throws -> [String: Int] {
    let rows = try store.rows(forIDs: judged.passageIDs)
    try judged.check(known: Set(rows.keys))
    return rows
  }

  func queryEmbeddings(
    _ queries: [Query], _ encoder: TextEncoder, _ progress: ProgressHandler?
  ) -> Matrix {
    encoder.encode(queries.map(\.text), as: .query) {
      progress?(
        WorkProgress(.encoding, done: $0.texts, total: $0.totalTexts, tokens: $0.tokens))
    }.embeddings
  }

  /// Rows to ids.
  func run(_ queries: [Query], _ found: [[Neighbor]]) throws -> Run {
    try run(queries, found.map { $0.map(Finding.init) })
  }

  private func run(_ queries: [Query], _ found: [[Finding]]) throws -> Run {
    let rows = Array(Set(found.joined().map(\.row)))
    let ids = Dictionary(
      uniqueKeysWithValues: zip(rows, try store.passages(rows: rows).map(\.id)))
    var results: [String: [(id: String, score: Double)]] = [:]
    for (query, findings) in zip(queries, found) {
      results[query.id] = findings.compactMap { finding in
        ids[finding.row].map { ($0, finding.fused?.score ?? Double(finding.score)) }
      }
    }
    return Run(results: results)
  }
}
