internal import Encoder
public import Foundation
public import Mining
internal import Store
internal import VectorIndex

/// The file formats mined negatives are written in.
public enum NegativesFormat: String, Sendable, CaseIterable {
  /// Freshet's own JSON Lines, with rank, score, generation and provenance of each negative.
  case freshet
  /// sentence-transformers triplets: `{"anchor", "positive", "negative"}`.
  case triplets
}

extension PassageCollection {
  /// Mines hard negatives for judged queries from the active generation and writes them to a file.
  ///
  /// A query's positives, exact duplicates of them, and its own text are never negatives. The same
  /// seed gives the same file.
  ///
  /// - Returns: what the rules did.
  /// - Throws: as ``evaluate(_:metrics:rules:options:progress:)``; `MiningError` for rules that
  ///   cannot be followed or a file that cannot be written.
  @discardableResult
  public func mine(
    _ judged: JudgedQueries, rules: MiningRules = MiningRules(),
    format: NegativesFormat = .freshet, to file: URL, options: SearchOptions = SearchOptions(),
    progress: ProgressHandler? = nil
  ) throws -> MiningReport {
    let active = try activeGeneration()
    let rows = try checkedIDs(judged)
    let hashes = Dictionary(uniqueKeysWithValues: try store.textHashes())
    let queries = judged.queries.enumerated().map { i, query in
      MiningQuery(
        id: query.id, embeddingRow: i, textHash: TextHash.of(title: "", text: query.text),
        positives: judged.qrels.relevant(to: query.id).compactMap { rows[$0] }.sorted())
    }
    let result = try mineHardNegatives(
      queries: queries,
      queryEmbeddings: queryEmbeddings(judged.queries, active.encoder, progress),
      passageEmbeddings: active.vectors,
      index: try options.exact ? ExactIndex(active.vectors) : active.index,
      passageTextHashes: { hashes[$0] }, rules: rules,
      parameters: SearchParameters(
        efSearch: options.efSearch, probes: options.probes, excludedRows: active.excluded),
      progress: { progress?(WorkProgress(.mining, done: $0, total: $1)) })
    try write(result, queries, judged, format, file, active)
    return result.report
  }

  private func write(
    _ result: MiningResult, _ queries: [MiningQuery], _ judged: JudgedQueries,
    _ format: NegativesFormat, _ file: URL, _ active: ActiveGeneration
  ) throws {
    let rows = Array(
      Set(result.queries.flatMap { $0.negatives.map(\.row) } + queries.flatMap(\.positives)))
    let passages = Dictionary(
      uniqueKeysWithValues: zip(rows, try store.passages(rows: rows)))
    switch format {
    case .triplets:
      try result.writeTriplets(
        to: file, queries: queries, queryText: { judged.queries[$0].text },
        passageText: { row in
          passages[row].map { Passage.embeddedText(title: $0.title, text: $0.text) } ?? ""
        })
    case .freshet:
      let embeddings = Dictionary(
        uniqueKeysWithValues: try store.embeddings(generation: active.record.id, rows: rows).map {
          ($0.row, $0.provenance.rawValue)
        })
      try result.writeNegatives(
        to: file, queries: queries, generation: active.record.id,
        queryText: { judged.queries[$0].text }, passageID: { passages[$0]?.id ?? "" },
        provenance: { embeddings[$0] ?? Provenance.encoded.rawValue })
    }
  }
}
