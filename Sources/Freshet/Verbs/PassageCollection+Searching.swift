internal import Encoder
internal import Foundation
internal import Store
internal import Tensors
internal import VectorIndex

/// What one search may set.
public struct SearchOptions: Sendable, Equatable {
  /// Compare with every passage instead of asking the index.
  public var exact: Bool
  /// HNSW: breadth of the search; IVF: lists visited. Nil leaves it to the index.
  public var efSearch: Int?, probes: Int?
  /// Threads of the search; nil means all. A service that answers many at once says 1.
  public var threads: Int?

  public init(
    exact: Bool = false, efSearch: Int? = nil, probes: Int? = nil, threads: Int? = nil
  ) {
    self.exact = exact
    self.efSearch = efSearch
    self.probes = probes
    self.threads = threads
  }
}

/// One found passage.
public struct SearchHit: Sendable, Equatable, Codable {
  /// The passage's id.
  public var id: String
  /// Inner product with the query; the cosine for encoders that normalise.
  public var score: Float
  /// "encoded" or "corrected".
  public var provenance: String
  /// For a corrected embedding: 1 − cosine to the true one, as predicted.
  public var predictedError: Double?
  public var title: String
  public var text: String
}

/// The answer to one query.
public struct SearchResult: Sendable, Equatable, Codable {
  public var query: String
  /// The generation that answered, and the fingerprint of its encoder.
  public var generation: Int, encoder: String
  /// Best first.
  public var hits: [SearchHit]
}

extension PassageCollection {
  /// The passages nearest in meaning to a text, best first.
  ///
  /// The query is encoded by the active generation's own encoder.
  ///
  /// - Parameter k: how many; fewer come back only when the collection has fewer.
  /// - Throws: `FreshetError.empty` when nothing is encoded yet.
  public func search(
    _ text: String, k: Int = 10, options: SearchOptions = SearchOptions()
  ) throws -> SearchResult {
    try search([text], k: k, options: options)[0]
  }

  /// The same for several queries, all against one generation.
  public func search(
    _ texts: [String], k: Int = 10, options: SearchOptions = SearchOptions()
  ) throws -> [SearchResult] {
    let active = try activeGeneration()
    let queries = active.encoder.encode(texts, as: .query).embeddings
    return try answer(texts, queries, active, k: k, options)
  }

  /// The passages nearest to vectors made elsewhere, `(queries, dimension)`.
  ///
  /// - Parameter fingerprint: of the encoder that made them.
  /// - Throws: `FreshetError.wrongEncoder` when it is not the active generation's, also when the
  ///   dimension would fit.
  public func search(
    vectors: Matrix, encodedBy fingerprint: String, k: Int = 10,
    options: SearchOptions = SearchOptions()
  ) throws -> [SearchResult] {
    let active = try activeGeneration()
    guard fingerprint == active.record.encoder else {
      throw FreshetError(
        .wrongEncoder,
        "the query vectors come from encoder \(fingerprint.prefix(12)), generation "
          + "\(active.record.id) from \(active.record.encoder.prefix(12)): vectors of different "
          + "encoders cannot be compared, encode the queries with the generation's encoder")
    }
    return try answer([String](repeating: "", count: vectors.rows), vectors, active, k: k, options)
  }

  private func answer(
    _ texts: [String], _ queries: Matrix, _ active: ActiveGeneration, k: Int,
    _ options: SearchOptions
  ) throws -> [SearchResult] {
    let found = try neighbors(of: queries, in: active, k: k, options)
    return try zip(texts, found).map { text, neighbors in
      SearchResult(
        query: text, generation: active.record.id, encoder: active.record.encoder,
        hits: try hits(neighbors, active))
    }
  }

  /// The best rows for each query in a pinned generation.
  func neighbors(
    of queries: Matrix, in active: ActiveGeneration, k: Int, _ options: SearchOptions
  ) throws -> [[Neighbor]] {
    let index: any VectorIndex = try options.exact ? ExactIndex(active.vectors) : active.index
    return try index.search(
      queries, k: k,
      parameters: SearchParameters(
        efSearch: options.efSearch, probes: options.probes, excludedRows: active.excluded,
        threads: options.threads))
  }

  private func hits(_ neighbors: [Neighbor], _ active: ActiveGeneration) throws -> [SearchHit] {
    let rows = neighbors.map(\.row)
    let passages = try store.passages(rows: rows)
    let embeddings = Dictionary(
      uniqueKeysWithValues: try store.embeddings(generation: active.record.id, rows: rows).map {
        ($0.row, $0)
      })
    return zip(neighbors, passages).map { neighbor, passage in
      let embedding = embeddings[neighbor.row]
      return SearchHit(
        id: passage.id, score: neighbor.score,
        provenance: (embedding?.provenance ?? .encoded).rawValue,
        predictedError: embedding?.predictedError, title: passage.title, text: passage.text)
    }
  }
}
