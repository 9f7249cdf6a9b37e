import Foundation

/// What a finished run came to: one line of the log.
struct RunRecord: Codable, Sendable {
  let run: ExperimentRun
  /// What the features were computed by.
  let features: String
  /// Means over the questions, by name such as `mrr@10`.
  let metrics: [String: Double]
  /// For each question in ascending order of ids, the rank of its passage; 0 when it is not among
  /// the first 100.
  let ranks: Ranks
  let updates: Int
  /// Mean loss of the last tenth of the updates, in nats.
  let lastLoss: Double
  /// Norms of both towers' gradients before clipping, every so many updates.
  let towerNorms: [TowerNormSample]
  /// At the ends of some epochs: softmax mass of the bank's passages by their age.
  let massByAge: [MassSample]
  /// Processor seconds of its thread.
  let seconds: Double
}

/// Gradient norms of one update.
struct TowerNormSample: Codable, Sendable {
  /// Updates done before it.
  let update: Int
  let query: Double, passage: Double

  /// GradNormRatio of ContAccum (Kim et al. 2024, §3.3).
  var ratio: Double { passage / query }
}

/// Where softmax mass went in an epoch.
struct MassSample: Codable, Sendable {
  /// Counted from 1.
  let epoch: Int
  /// Element k − 1: the mass on positives that were banked k losses before, mean over the epoch's
  /// losses in which there were such (eq. 10).
  let mass: [Double]
}

/// Ranks up to 255, kept as a line of text.
struct Ranks: Codable, Sendable {
  let values: [UInt8]

  init(_ values: [UInt8]) { self.values = values }

  init(from decoder: any Decoder) throws {
    values = [UInt8](try decoder.singleValueContainer().decode(Data.self))
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(Data(values))
  }

  /// 1/rank up to `cutoff`, else 0.
  func reciprocals(upTo cutoff: Int) -> [Double] {
    values.map { $0 > 0 && $0 <= cutoff ? 1 / Double($0) : 0 }
  }
}
