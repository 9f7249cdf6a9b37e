/// One text to search for.
public struct SearchQuery: Sendable, Equatable {
  /// Never empty, at most `ServiceConfiguration.maximumTextBytes` bytes of UTF-8.
  public var text: String
  /// How many passages at most, in 1...1000.
  public var limit: Int
  /// True: score every passage instead of asking the index.
  public var isExact: Bool
  /// A condition on passages, in the backend's own language; nil lets all through.
  public var filter: String?
  /// Only passages whose embedding scores at least this.
  public var minimumScore: Float?
  /// How many of the best are passed over, in 0...10000.
  public var offset: Int
  /// True: rank by the passages' words too.
  public var isHybrid: Bool

  public init(
    text: String, limit: Int = 10, isExact: Bool = false, filter: String? = nil,
    minimumScore: Float? = nil, offset: Int = 0, isHybrid: Bool = false
  ) {
    self.text = text
    self.limit = limit
    self.isExact = isExact
    self.filter = filter
    self.minimumScore = minimumScore
    self.offset = offset
    self.isHybrid = isHybrid
  }
}

/// Where a passage's embedding came from.
public enum HitProvenance: String, Sendable {
  /// Computed by the generation's encoder from the text.
  case encoded
  /// Moved from an older generation by a corrector.
  case corrected
}

/// One passage found.
public struct SearchHit: Sendable, Equatable {
  /// The passage's external id.
  public var id: String
  /// Inner product with the query's embedding; higher is better.
  public var score: Float
  public var provenance: HitProvenance
  /// For corrected embeddings: the predicted 1 − cosine to the true embedding.
  public var predictedError: Double?
  public var title: String
  public var text: String

  public init(
    id: String, score: Float, provenance: HitProvenance, predictedError: Double? = nil,
    title: String, text: String
  ) {
    self.id = id
    self.score = score
    self.provenance = provenance
    self.predictedError = predictedError
    self.title = title
    self.text = text
  }
}

/// What a search found, and in which generation it looked.
public struct SearchAnswer: Sendable, Equatable {
  /// The generation this search saw, as a whole.
  public var generation: Int
  /// Fingerprint of the encoder that generation belongs to (and that encoded the query).
  public var encoder: String
  /// Best first.
  public var hits: [SearchHit]

  public init(generation: Int, encoder: String, hits: [SearchHit]) {
    self.generation = generation
    self.encoder = encoder
    self.hits = hits
  }
}
