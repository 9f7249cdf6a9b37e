import Foundation
import Tensors

/// For each training question, passages the untrained features take for its answer.
enum MinedNegatives {
  /// Candidates per question: ranks 1 to 51 without the question's own passage.
  static let depth = 50

  /// Rows of passages, best first, never the question's own. Read from `file`, or mined and
  /// written there.
  static func rows(
    for questions: TrainingQuestions, features: FeatureSet, file: URL
  ) throws -> [[Int32]] {
    let count = questions.pairs.count * depth
    if let data = FileManager.default.contents(atPath: file.path), data.count == count * 4 {
      let all = data.withUnsafeBytes { Array($0.bindMemory(to: Int32.self)) }
      return questions.pairs.indices.map { Array(all[$0 * depth..<($0 + 1) * depth]) }
    }
    let found = mine(questions, features)
    try Data(found.flatMap { row in row.flatMap { id in withUnsafeBytes(of: id, Array.init) } })
      .write(to: file, options: .atomic)
    return found
  }

  private static func mine(_ questions: TrainingQuestions, _ features: FeatureSet) -> [[Int32]] {
    // All rows have one length: the inner product ranks as the cosine does.
    let answers = exactTopK(
      queries: features.queries.gathering(questions.rows), passages: features.passages,
      k: depth + 1)
    return zip(answers, questions.positives).map { found, positive in
      Array(found.map { Int32($0.row) }.filter { $0 != positive }.prefix(depth))
    }
  }
}
