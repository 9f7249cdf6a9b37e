public import Foundation

/// One line of Freshet's negatives file: a query, its positives, and its mined negatives with where
/// each came from.
///
/// ```json
/// {"query_id":"q1","query":"…","positive_ids":["p1"],
///  "negatives":[{"id":"p7","rank":2,"score":0.61,"generation":0,"provenance":"encoded",
///                "source":"dense"}]}
/// ```
public struct NegativesRecord: Codable, Sendable, Equatable {
  /// A mined passage.
  public struct Negative: Codable, Sendable, Equatable {
    /// The passage's id.
    public var id: String
    /// Its rank in its source's answer, 0 being the best, before anything was removed; -1 for one
    /// drawn at random.
    public var rank: Int
    /// Inner product of the query's and its embedding.
    public var score: Float
    /// The generation of embeddings it was mined from; -1 for vectors of no collection.
    public var generation: Int
    /// How its embedding in that generation was made: `encoded` or `corrected`.
    public var provenance: String
    /// Where it was found; `nil` in files that do not say.
    public var source: CandidateSource?
    /// What a second scorer says of it, when one was asked.
    public var crossScore: Float?

    /// A mined passage with where it came from.
    public init(
      id: String, rank: Int, score: Float, generation: Int, provenance: String,
      source: CandidateSource? = nil, crossScore: Float? = nil
    ) {
      self.id = id
      self.rank = rank
      self.score = score
      self.generation = generation
      self.provenance = provenance
      self.source = source
      self.crossScore = crossScore
    }

    private enum CodingKeys: String, CodingKey {
      case id, rank, score, generation, provenance, source
      case crossScore = "cross_score"
    }
  }

  /// The query's id.
  public var queryID: String
  /// The query's text.
  public var query: String
  /// The ids of its positives.
  public var positiveIDs: [String]
  /// Its negatives: those of the index by ascending rank, then lexical, then random ones.
  public var negatives: [Negative]

  /// A record of those parts.
  public init(queryID: String, query: String, positiveIDs: [String], negatives: [Negative]) {
    self.queryID = queryID
    self.query = query
    self.positiveIDs = positiveIDs
    self.negatives = negatives
  }

  private enum CodingKeys: String, CodingKey {
    case queryID = "query_id"
    case query
    case positiveIDs = "positive_ids"
    case negatives
  }

  /// Calls `body` with every record of a negatives file, in order, holding one at a time.
  ///
  /// Empty lines are passed over.
  /// - Throws: `MiningError` naming file and line when the file cannot be read or a line is not a
  ///   record; what `body` throws.
  public static func forEach(
    in file: URL, _ body: (_ record: NegativesRecord) throws -> Void
  ) throws {
    var reader = try LineReader(file)
    let decoder = JSONDecoder()
    while let line = try reader.next() {
      if line.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) { continue }
      let record: NegativesRecord
      do {
        record = try decoder.decode(NegativesRecord.self, from: line)
      } catch {
        throw MiningError(.malformedRow, "\(file.path):\(reader.number): \(words(for: error))")
      }
      try body(record)
    }
  }

  /// All records of a negatives file.
  ///
  /// - Throws: as ``forEach(in:_:)``.
  public static func read(_ file: URL) throws -> [NegativesRecord] {
    var records: [NegativesRecord] = []
    try forEach(in: file) { records.append($0) }
    return records
  }

  /// The record as one line of JSON, keys in the order of the example above.
  var line: String {
    JSONText.object([
      ("query_id", JSONText.string(queryID)),
      ("query", JSONText.string(query)),
      ("positive_ids", JSONText.array(positiveIDs.map(JSONText.string))),
      ("negatives", JSONText.array(negatives.map(\.object))),
    ])
  }
}

extension NegativesRecord.Negative {
  fileprivate var object: String {
    var members = [
      ("id", JSONText.string(id)), ("rank", "\(rank)"), ("score", "\(score)"),
      ("generation", "\(generation)"), ("provenance", JSONText.string(provenance)),
    ]
    if let source { members.append(("source", JSONText.string(source.rawValue))) }
    if let crossScore { members.append(("cross_score", "\(crossScore)")) }
    return JSONText.object(members)
  }
}

/// What is wrong with a line, in one sentence.
private func words(for error: any Error) -> String {
  func path(_ keys: [any CodingKey]) -> String {
    keys.reduce("") { path, key in
      if let index = key.intValue { return "\(path)[\(index)]" }
      return path.isEmpty ? key.stringValue : "\(path).\(key.stringValue)"
    }
  }
  switch error {
  case DecodingError.keyNotFound(let key, let context):
    return "the key \"\(path(context.codingPath + [key]))\" is missing"
  case DecodingError.typeMismatch(let type, let context) where !context.codingPath.isEmpty:
    return "\"\(path(context.codingPath))\" is not of type \(type)"
  case DecodingError.valueNotFound(_, let context):
    return "\"\(path(context.codingPath))\" is null"
  case DecodingError.dataCorrupted(let context) where !context.codingPath.isEmpty:
    return "\"\(path(context.codingPath))\" cannot be read: \(context.debugDescription)"
  default:
    return "not a JSON object"
  }
}
