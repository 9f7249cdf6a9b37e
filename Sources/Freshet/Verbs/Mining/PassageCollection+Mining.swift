internal import Encoder
internal import Evaluation
public import Foundation
public import Mining
internal import Store
internal import Tensors
internal import VectorIndex

extension PassageCollection {
  /// Mines hard negatives for judged queries from a generation and writes them to a file.
  ///
  /// A query's positives, exact copies of them, and its own text are never negatives. Queries are
  /// encoded, searched and written in batches, so memory does not grow with them. The same seed
  /// gives the same file.
  ///
  /// - Parameters:
  ///   - file: replaced when it exists; appears whole or not at all.
  ///   - shouldStop: asked between batches; when it says so, nothing is written.
  /// - Returns: what the rules did.
  /// - Throws: as ``evaluate(_:metrics:rules:options:progress:)``; `MiningError` for rules that
  ///   cannot be followed or a file that cannot be written; `FreshetError`: `badInput` for options
  ///   that do not go together or a generation that is not there; `interrupted`, also when the
  ///   collection was compacted meanwhile.
  @discardableResult
  public func mine(
    _ judged: JudgedQueries, options: MiningOptions = MiningOptions(), to file: URL,
    progress: ProgressHandler? = nil, shouldStop: @escaping StopCheck = { false }
  ) throws -> MiningReport {
    try options.check()
    let mined = try readyGeneration(options.generation)
    let rows = try checkedIDs(judged)
    let corpus = try CollectionCorpus(mined, store, exact: options.search.exact)
    return try MiningRun(
      corpus: corpus, queries: judged.queries, qrels: judged.qrels, rows: rows, options: options,
      embed: { places in
        mined.encoder.encode(judged.queries[places].map(\.text), as: .query).embeddings
      }, progress: progress, shouldStop: shouldStop
    ).mine(to: file)
  }
}
