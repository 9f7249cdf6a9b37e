import Evaluation
import Foundation
import Tensors
import Training

/// The questions a run trains on: pairs with mined negatives, and where their features are.
struct TrainingQuestions: Sendable {
  let pairs: [TrainingPair]
  /// For each pair its row of the question features.
  let rows: [Int]
  /// For each pair a number for its passage: its row of the passage features.
  let positives: [Int32]

  /// The first `count` of the training questions in a fixed order that mixes the articles.
  ///
  /// - Parameter negatives: for each of them, rows of passages to draw from; nil for none.
  init(
    _ features: FeatureSet, places: FeaturePlaces, count: Int, negatives: [[Int32]]?
  ) throws {
    let all = places.training
    guard count <= all.count else {
      throw ExperimentError("\(count) questions wanted, there are \(all.count) to train on")
    }
    let chosen = Self.chosen(count, of: all.count).map { all[$0] }
    rows = chosen.map(\.query)
    positives = chosen.map { Int32($0.passage) }
    pairs = chosen.enumerated().map { index, question in
      TrainingPair(
        queryID: features.queryIDs[question.query], query: "",
        positiveID: features.passageIDs[question.passage],
        negativeIDs: negatives.map { $0[index].map { features.passageIDs[Int($0)] } } ?? [])
    }
  }

  /// Indices of `count` of `total`, drawn without replacement, always the same.
  private static func chosen(_ count: Int, of total: Int) -> [Int] {
    var random = RandomStream(seed: 2024)
    var indices = Array(0..<total)
    for i in 0..<count {
      indices.swapAt(i, i + Int(random.uniform() * Double(total - i)))
    }
    return Array(indices.prefix(count))
  }
}

/// Where texts have their features, and which question belongs to which passage.
struct FeaturePlaces: Sendable {
  let passages: [String: Int], queries: [String: Int]
  /// Training questions in ascending order of ids.
  let training: [(query: Int, passage: Int)]

  /// - Parameter train: judgements to train on; the first relevant passage is the positive.
  init(_ features: FeatureSet, train: Qrels) throws {
    let passages = Dictionary(
      uniqueKeysWithValues: features.passageIDs.enumerated().map { ($1, $0) })
    let queries = Dictionary(
      uniqueKeysWithValues: features.queryIDs.enumerated().map { ($1, $0) })
    training = try train.judgements.keys.sorted().compactMap { id in
      guard let positive = train.relevant(to: id).first else { return nil }
      guard let query = queries[id], let passage = passages[positive] else {
        throw ExperimentError("question \(id) or passage \(positive) has no features")
      }
      return (query, passage)
    }
    self.passages = passages
    self.queries = queries
  }
}
