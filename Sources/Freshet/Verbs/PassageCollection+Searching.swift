internal import Encoder
internal import Foundation
internal import Store
internal import Tensors

extension PassageCollection {
  /// The passages nearest in meaning to a text, best first.
  ///
  /// The query is encoded by the active generation's own encoder. Passages may be added, changed
  /// and deleted, and generations swapped, while this runs: each hit has the text that its
  /// embedding stands for, and all are of one generation.
  ///
  /// - Parameter k: how many; `.max` means all, as a range search with `options.minimumScore`
  ///   wants. Fewer come back only when fewer passages exist that `options` allow.
  /// - Throws: `FreshetError.empty` when nothing is encoded yet; `badInput` for options that cannot
  ///   be; `StoreError.invalidArgument` for a filter that cannot be.
  public func search(
    _ text: String, k: Int = 10, options: SearchOptions = SearchOptions()
  ) throws -> SearchResult {
    try search([text], k: k, options: options)[0]
  }

  /// The same for several queries, all against one generation.
  public func search(
    _ texts: [String], k: Int = 10, options: SearchOptions = SearchOptions()
  ) throws -> [SearchResult] {
    try consistently { active, isLast in
      let queries = active.encoder.encode(texts, as: .query).embeddings
      return try answer(texts, queries, active, k: k, options, isLast)
    }
  }

  /// The passages nearest to vectors made elsewhere, `(queries, dimension)`.
  ///
  /// - Parameter fingerprint: of the encoder that made them.
  /// - Throws: `FreshetError.wrongEncoder` when it is not the active generation's, also when the
  ///   dimension would fit; `badInput` for a hybrid search, which needs the words.
  public func search(
    vectors: Matrix, encodedBy fingerprint: String, k: Int = 10,
    options: SearchOptions = SearchOptions()
  ) throws -> [SearchResult] {
    guard !options.hybrid else {
      throw FreshetError(.badInput, "a hybrid search needs the words of its queries, not vectors")
    }
    return try consistently { active, isLast in
      guard fingerprint == active.record.encoder else {
        throw FreshetError(
          .wrongEncoder,
          "the query vectors come from encoder \(fingerprint.prefix(12)), generation "
            + "\(active.record.id) from \(active.record.encoder.prefix(12)): vectors of different "
            + "encoders cannot be compared, encode the queries with the generation's encoder")
      }
      let texts = [String](repeating: "", count: vectors.rows)
      return try answer(texts, vectors, active, k: k, options, isLast)
    }
  }

  /// Nil when a passage changed between the search and the reading of it, unless this `isLast` try:
  /// then such passages are left out.
  private func answer(
    _ texts: [String], _ queries: Matrix, _ active: ActiveGeneration, k: Int,
    _ options: SearchOptions, _ isLast: Bool
  ) throws -> [SearchResult]? {
    let found = try findings(for: texts, queries, in: active, k: k, options)
    var results: [SearchResult] = []
    for (text, findings) in zip(texts, found) {
      let hits = try hits(findings, active)
      guard isLast || hits.count == findings.count else { return nil }
      results.append(
        SearchResult(
          query: text, generation: active.record.id, encoder: active.record.encoder, hits: hits))
    }
    return results
  }

  /// The findings whose passages are still alive with the text that was embedded.
  private func hits(_ findings: [Finding], _ active: ActiveGeneration) throws -> [SearchHit] {
    let rows = findings.map(\.row)
    let passages = try store.passages(rows: rows)
    let embeddings = Dictionary(
      uniqueKeysWithValues: try store.embeddings(generation: active.record.id, rows: rows).map {
        ($0.row, $0)
      })
    return zip(findings, passages).compactMap { finding, passage in
      guard let embedding = embeddings[finding.row], !passage.isDeleted,
        embedding.textHash == passage.textHash
      else { return nil }
      return SearchHit(
        id: passage.id, score: finding.score, provenance: embedding.provenance.rawValue,
        predictedError: embedding.predictedError, title: passage.title, text: passage.text,
        denseRank: finding.fused?.denseRank, denseScore: finding.fused?.denseScore,
        bm25Rank: finding.fused?.bm25Rank, bm25Score: finding.fused?.bm25Score)
    }
  }
}
