public import Evaluation
import Encoder
import Tensors

/// Judged queries and the passages to find their answers among: what a run is measured by while it
/// goes on.
public struct DevelopmentSet: Sendable {
  /// A query and its text.
  public struct Query: Sendable, Equatable {
    public let id: String, text: String

    public init(id: String, text: String) {
      self.id = id
      self.text = text
    }
  }

  let queries: [Query]
  let passageIDs: [String]
  let passages: any PassageSource
  let qrels: Qrels
  let metrics: [Metric]
  let deciding: Metric

  /// - Parameters:
  ///   - queries: those that are asked.
  ///   - passageIDs: those that may be found; the judged ones among them.
  ///   - passages: asked for the texts at every evaluation.
  ///   - qrels: the judgements of the queries.
  ///   - metrics: what is computed.
  ///   - deciding: the metric that says which weights are best.
  /// - Throws: `TrainingError.invalidData` when there are no queries, no passages, or a query has
  ///   no relevant passage among them.
  public init(
    queries: [Query], passageIDs: [String], passages: any PassageSource, qrels: Qrels,
    metrics: [Metric] = [.ndcg(10), .mrr(10), .recall(1), .recall(20)],
    deciding: Metric = .ndcg(10)
  ) throws(TrainingError) {
    guard !queries.isEmpty, !passageIDs.isEmpty else {
      throw TrainingError(
        .invalidData,
        "the development set has \(queries.count) queries and \(passageIDs.count) passages")
    }
    let known = Set(passageIDs)
    for query in queries where !qrels.relevant(to: query.id).contains(where: known.contains) {
      throw TrainingError(
        .invalidData,
        "query \"\(query.id)\" of the development set has no relevant passage among its passages")
    }
    self.queries = queries
    self.passageIDs = passageIDs
    self.passages = passages
    self.qrels = Qrels(
      judgements: qrels.judgements.filter { entry in queries.contains { $0.id == entry.key } })
    self.metrics = metrics.contains(deciding) ? metrics : metrics + [deciding]
    self.deciding = deciding
  }

  /// What identifies the set: ids and queries, judgements, and the deciding metric.
  var digest: String {
    var digest = Digest()
    digest.add(queries.flatMap { [$0.id, $0.text] })
    digest.add(passageIDs)
    for (query, grades) in qrels.judgements.sorted(by: { $0.key < $1.key }) {
      digest.add([query] + grades.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" })
    }
    digest.add(deciding.name)
    return digest.hexadecimal()
  }
}

extension DevelopmentSet {
  /// The metrics of a trainer's networks as they are, searching exactly.
  ///
  /// - Throws: what the passage source throws; `EvaluationError`.
  func metrics(
    of towers: [EmbeddingModel], _ encoder: TextEncoder, _ configuration: TrainingConfiguration
  ) throws -> [String: Double] {
    func embeddings(_ texts: [String], _ role: TextRole, length: Int) -> Matrix {
      let model = role == .query ? towers[0] : towers[towers.count - 1]
      let tokens = texts.concurrentMap {
        encoder.tokenize($0, as: role, maximumLength: length).ids
      }
      return PackedModel(model).encode(tokens, promptLength: encoder.promptLength(for: role))
    }
    let found = exactTopK(
      queries: embeddings(
        queries.map(\.text), .query, length: configuration.maximumQueryLength),
      passages: embeddings(
        try passageIDs.map { try passages.text(ofPassage: $0) }, .passage,
        length: configuration.maximumPassageLength),
      k: metrics.map(\.cutoff).max() ?? 10)
    let answers = zip(queries, found).map { query, neighbors in
      (query.id, neighbors.map { (id: passageIDs[$0.row], score: Double($0.score)) })
    }
    let run = Run(results: Dictionary(answers, uniquingKeysWith: { first, _ in first }))
    return try evaluate(run: run, qrels: qrels, metrics: metrics).metricsByName
  }
}
