/// A retrieval metric at a cut-off, as trec_eval defines it.
public enum Metric: Sendable, Hashable {
  /// Normalised discounted cumulative gain of the first k (trec_eval `ndcg_cut`).
  case ndcg(Int)
  /// Share of a query's relevant passages among the first k (`recall`).
  case recall(Int)
  /// Reciprocal rank of the first relevant passage, 0 past rank k (`recip_rank` with a cut).
  case mrr(Int)
  /// Average precision over the first k; the divisor is all relevant passages (`map_cut`).
  case map(Int)
  /// Share of relevant passages among the first k; the divisor is k even when fewer came (`P`).
  case precision(Int)
  /// Whether a relevant passage is among the first k (`success`): the hit rate, or top-k accuracy.
  case success(Int)

  /// What an evaluation reports when nothing else is asked for.
  public static let standard: [Metric] = [
    .ndcg(10), .recall(1), .recall(5), .recall(10), .recall(20), .recall(100), .mrr(10),
    .map(100),
  ]

  /// The k of "@k".
  public var cutoff: Int {
    switch self {
    case .ndcg(let k), .recall(let k), .mrr(let k), .map(let k), .precision(let k),
      .success(let k):
      k
    }
  }

  /// The name users type and read, such as `ndcg@10`.
  public var name: String {
    switch self {
    case .ndcg(let k): "ndcg@\(k)"
    case .recall(let k): "recall@\(k)"
    case .mrr(let k): "mrr@\(k)"
    case .map(let k): "map@\(k)"
    case .precision(let k): "precision@\(k)"
    case .success(let k): "success@\(k)"
    }
  }

  /// The metric of that name, in either case; `p@5` is `precision@5`, `hit@5` is `success@5`.
  ///
  /// - Throws: `EvaluationError` (`.invalidArgument`) that lists the names there are.
  public init(parsing name: String) throws(EvaluationError) {
    let parts = name.lowercased().split(separator: "@", omittingEmptySubsequences: false)
    guard parts.count == 2, let k = Int(parts[1]), k > 0, let make = Self.makers[String(parts[0])]
    else {
      throw EvaluationError(
        .invalidArgument,
        "\"\(name)\" is not a metric; use ndcg@k, recall@k, mrr@k, map@k, precision@k "
          + "or success@k, k from 1")
    }
    self = make(k)
  }

  /// The metrics of a list such as `ndcg@10,map@100`, each once.
  ///
  /// - Throws: as ``init(parsing:)``.
  public static func list(parsing names: String) throws(EvaluationError) -> [Metric] {
    var metrics: [Metric] = []
    for name in names.split(separator: ",", omittingEmptySubsequences: false) {
      let metric = try Metric(parsing: String(name.filter { $0 != " " }))
      if !metrics.contains(metric) { metrics.append(metric) }
    }
    return metrics
  }

  private static let makers: [String: @Sendable (Int) -> Metric] = [
    "ndcg": { .ndcg($0) }, "recall": { .recall($0) }, "mrr": { .mrr($0) }, "map": { .map($0) },
    "precision": { .precision($0) }, "p": { .precision($0) }, "success": { .success($0) },
    "hit": { .success($0) },
  ]
}
