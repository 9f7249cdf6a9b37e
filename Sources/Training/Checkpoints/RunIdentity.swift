import Foundation

/// What must be the same when a run goes on: anything else would be another run.
struct RunIdentity: Sendable, Codable, Equatable {
  /// What the run computes.
  let configuration: TrainingConfiguration
  /// Fingerprint of the encoder it started from.
  let encoder: String
  /// Digest of the pairs.
  let data: String
  /// Digest of the development set, if there is one: it decides which weights are best, and perhaps
  /// when to stop.
  var development: String?

  /// What differs, in words, or nil. How often checkpoints are written does not matter.
  func difference(from other: RunIdentity) throws -> String? {
    if encoder != other.encoder {
      return "encoder \(other.encoder.prefix(12)), this run starts from \(encoder.prefix(12))"
    }
    if data != other.data { return "other training pairs" }
    if development != other.development { return "another development set, or none" }
    let (mine, its) = (try configuration.values(), try other.configuration.values())
    let indifferent: Set = ["checkpointEvery", "keptCheckpoints", "keptTokens"]
    let names = Set(mine.keys).union(its.keys).subtracting(indifferent)
      .filter { mine[$0] != its[$0] }.sorted()
    guard !names.isEmpty else { return nil }
    return names.map {
      "\($0) \(its[$0, default: "unset"]), this run has \(mine[$0, default: "unset"])"
    }.joined(separator: "; ")
  }
}

extension TrainingConfiguration {
  /// Every value by name, as text.
  fileprivate func values() throws -> [String: String] {
    let encoder = JSONEncoder()
    encoder.nonConformingFloatEncodingStrategy = .training
    let object = try JSONSerialization.jsonObject(with: encoder.encode(self))
    return flat(object as? [String: Any] ?? [:])
  }

  /// Values of values as "sampling.perQuery".
  private func flat(_ object: [String: Any], under prefix: String = "") -> [String: String] {
    object.reduce(into: [:]) { values, member in
      let name = prefix + member.key
      if let inner = member.value as? [String: Any] {
        values.merge(flat(inner, under: name + ".")) { first, _ in first }
      } else {
        values[name] = "\(member.value)"
      }
    }
  }
}

extension JSONEncoder.NonConformingFloatEncodingStrategy {
  /// No clipping is a norm of infinity.
  static var training: Self {
    .convertToString(positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
  }
}

extension JSONDecoder.NonConformingFloatDecodingStrategy {
  static var training: Self {
    .convertFromString(positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
  }
}
