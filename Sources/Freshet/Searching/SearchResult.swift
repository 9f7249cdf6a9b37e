/// One found passage.
public struct SearchHit: Sendable, Equatable, Codable {
  /// The passage's id.
  public var id: String
  /// Inner product with the query, the cosine for encoders that normalise; of a hybrid search the
  /// sum of 1 / (60 + rank).
  public var score: Float
  /// "encoded" or "corrected".
  public var provenance: String
  /// For a corrected embedding: 1 − cosine to the true one, as predicted.
  public var predictedError: Double?
  public var title: String
  public var text: String
  /// Of a hybrid search: the rank by embedding, from 1, when it is among the candidates, and the
  /// inner product, which every hit has.
  public var denseRank: Int?, denseScore: Float?
  /// Of a hybrid search: the rank and score by BM25, when it is among the candidates.
  public var bm25Rank: Int?, bm25Score: Double?
}

/// The answer to one query.
public struct SearchResult: Sendable, Equatable, Codable {
  public var query: String
  /// The generation that answered, and the fingerprint of its encoder.
  public var generation: Int, encoder: String
  /// Best first.
  public var hits: [SearchHit]
}
