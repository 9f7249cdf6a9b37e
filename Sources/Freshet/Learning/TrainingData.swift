internal import Evaluation
internal import Foundation
internal import Mining
public import Training

/// Pairs to train on: a folder in BEIR layout, and perhaps mined negatives.
public struct TrainingData: Sendable, PassageSource {
  /// One pair for each relevant passage of each query of the split.
  public let pairs: [TrainingPair]
  private let texts: [String: String]
  private let name: String

  /// - Parameters:
  ///   - folder: holds `corpus.jsonl`, `queries.jsonl` (each may end in `.gz`) and
  ///     `qrels/<split>.tsv`.
  ///   - negatives: a file that ``PassageCollection/mine(_:rules:format:to:options:progress:)``
  ///     wrote, or nil.
  /// - Throws: errors naming file and line, also for ids that are not in the corpus.
  public init(folder: String, split: String = "train", negatives: String? = nil) throws {
    name = try Self.file("corpus.jsonl", in: folder)
    var reader = try PassageReader(path: name)
    var texts: [String: String] = [:]
    while let passage = try reader.next() {
      guard texts.updateValue(passage.embeddedText, forKey: passage.id) == nil else {
        throw reader.problem("the id \"\(passage.id)\" stands twice")
      }
    }
    self.texts = texts
    let judged = try JudgedQueries(
      queries: try Self.file("queries.jsonl", in: folder),
      qrels: try Self.file("qrels/\(split).tsv", in: folder))
    try judged.check(known: Set(texts.keys))
    let mined = try Self.mined(negatives, known: texts)
    pairs = judged.queries.flatMap { query in
      let positives = judged.qrels.relevant(to: query.id).sorted()
      return positives.map { positive in
        TrainingPair(
          queryID: query.id, query: query.text, positiveID: positive,
          otherPositiveIDs: positives.filter { $0 != positive },
          negativeIDs: mined[query.id] ?? [])
      }
    }
    guard !pairs.isEmpty else {
      throw FreshetError(.empty, "\(folder): the split \"\(split)\" has no relevant passage")
    }
  }

  public func text(ofPassage id: String) throws -> String {
    guard let text = texts[id] else {
      throw FreshetError(.badInput, "\(name): has no passage \"\(id)\"")
    }
    return text
  }

  private static func mined(
    _ path: String?, known texts: [String: String]
  ) throws -> [String: [String]] {
    guard let path else { return [:] }
    var negatives: [String: [String]] = [:]
    for record in try NegativesRecord.read(URL(fileURLWithPath: path)) {
      let ids = record.negatives.map(\.id)
      if let unknown = ids.first(where: { texts[$0] == nil }) {
        throw FreshetError(
          .badInput, "\(path): query \"\(record.queryID)\" has the negative \"\(unknown)\", which "
            + "is not in the corpus")
      }
      negatives[record.queryID] = ids
    }
    return negatives
  }

  private static func file(_ name: String, in folder: String) throws -> String {
    for candidate in ["\(folder)/\(name)", "\(folder)/\(name).gz"]
    where FileManager.default.fileExists(atPath: candidate) {
      return candidate
    }
    throw FreshetError(.badInput, "\(folder)/\(name): no such file (nor \(name).gz)")
  }
}
