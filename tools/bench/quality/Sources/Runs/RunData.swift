import Evaluation
import Foundation

/// What all runs share: features, questions, negatives, judgements.
struct RunData: Sendable {
  let features: FeatureSet
  let places: FeaturePlaces
  /// With mined negatives; a run without them does not draw any.
  let questions: TrainingQuestions
  private let judged: [String: Judged]

  /// - Parameters:
  ///   - data: a folder with `qrels/train.tsv`, `dev.tsv` and `test.tsv`.
  ///   - folder: where features lie, and mined negatives are kept.
  init(data: URL, folder: URL, questions count: Int) throws {
    let features = try FeatureSet(mapping: folder.appendingPathComponent("features"))
    func qrels(_ split: String) throws -> Qrels {
      try Qrels(contentsOf: data.appendingPathComponent("qrels/\(split).tsv"))
    }
    let places = try FeaturePlaces(features, train: qrels("train"))
    let plain = try TrainingQuestions(features, places: places, count: count, negatives: nil)
    let mined = try MinedNegatives.rows(
      for: plain, features: features,
      file: folder.appendingPathComponent("features/negatives-\(count).i32"))
    questions = try TrainingQuestions(features, places: places, count: count, negatives: mined)
    judged = [
      "dev": try Judged(qrels("dev"), places: places),
      "test": try Judged(qrels("test"), places: places),
    ]
    self.features = features
    self.places = places
  }

  /// The judgements a run is evaluated by.
  func judgements(_ split: String) throws -> Judged {
    guard let found = judged[split] else { throw ExperimentError("no judgements \"\(split)\"") }
    return found
  }
}
