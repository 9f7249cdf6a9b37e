import Foundation
import Freshet
import TestSupport

/// A small data set that can be written in every format, and what it means, told by plain loops.
struct SmallData {
  /// The ways to write it.
  enum Layout: String, CaseIterable {
    case beir, dpr, dprLines, tevatron, tevatronIDs, flagEmbedding
    case tuples, triplets, lists, labelledLists

    var format: TrainingDataFormat {
      switch self {
      case .beir: .beir
      case .dpr, .dprLines: .dpr
      case .tevatron, .tevatronIDs: .tevatron
      case .flagEmbedding: .flagEmbedding
      case .tuples, .triplets, .lists, .labelledLists: .sentenceTransformers
      }
    }
  }

  /// What a pair comes to, with texts in place of ids.
  struct Meaning: Equatable {
    var query: String, positive: String
    var others: [String], negatives: [String]
  }

  typealias Question = (id: String, text: String, positives: [String], negatives: [String])

  let passages = [
    Passage(id: "p0", title: "River", text: "The Nile is a \"river\" in Africa."),
    Passage(id: "p1", text: "Ein Fluß, zwei Flüsse; 河; 🐟\nand a second line"),
    Passage(id: "3", text: "C:\\stones\tare / heavy"),
    Passage(id: "p3", title: "Lamp", text: "Lamps give light."),
    Passage(id: "p4", text: "Bread is baked."),
    Passage(id: "unused", text: "Nobody asks for this."),
  ]
  let questions: [Question] = [
    ("q0", "which river?", ["p0"], ["3", "p3", "p4"]),
    ("q1", "Flüsse \"und\" 🐟", ["p1", "p0"], ["p4", "3"]),
    ("7", "what is heavy", ["3"], ["p1"]),
    ("q3", "light\\bread", ["p4", "p3", "3"], ["p0", "p1"]),
  ]

  /// The pairs with their texts, in order.
  var meanings: [Meaning] {
    questions.flatMap { question in
      question.positives.map { positive in
        Meaning(
          query: question.text, positive: text(positive),
          others: question.positives.filter { $0 != positive }.map(text),
          negatives: question.negatives.map(text))
      }
    }
  }

  func text(_ id: String) -> String {
    passages.first { $0.id == id }?.embeddedText ?? "there is no \(id)"
  }

  /// Writes the files and returns what to open.
  func write(_ layout: Layout, to folder: TemporaryFolder) throws -> String {
    let rows = questions.flatMap { values($0, layout) }.map(json)
    switch layout {
    case .beir:
      try writeCorpus(to: folder, id: "_id")
      try folder.write(lines(rows), to: "queries.jsonl")
      try FileManager.default.createDirectory(
        atPath: folder.path("qrels"), withIntermediateDirectories: true)
      let judgements = questions.flatMap { question in
        question.positives.map { "\(question.id)\t\($0)\t1" }
          + question.negatives.map { "\(question.id)\t\($0)\t0" }
      }
      try folder.write(
        lines(["query-id\tcorpus-id\tscore"] + judgements), to: "qrels/train.tsv")
      try folder.write(lines(questions.map(mined).map(json)), to: "negatives.jsonl")
      return folder.url.path
    case .dpr:
      return try folder.write("[\n" + rows.joined(separator: " ,\n\n") + "\n]\n", to: "dpr.json")
    case .tevatronIDs:
      try writeCorpus(to: folder, id: "docid")
      return try folder.write(lines(rows), to: "rows.jsonl")
    default:
      return try folder.write(lines(rows), to: "rows.jsonl")
    }
  }

  /// Opens what ``write(_:to:)`` wrote.
  func open(_ layout: Layout, at path: String, suffix: String = "") throws -> TrainingData {
    try TrainingData(
      path: layout == .beir ? path : path + suffix,
      negatives: layout == .beir ? path + "/negatives.jsonl" + suffix : nil)
  }

  private func writeCorpus(to folder: TemporaryFolder, id: String) throws {
    let rows = passages.map { json([id: $0.id, "title": $0.title, "text": $0.text]) }
    try folder.write(lines(rows), to: "corpus.jsonl")
  }

  private func lines(_ rows: [String]) -> String { rows.map { $0 + "\n" }.joined() }
}

// Rows.
extension SmallData {
  private func values(_ question: Question, _ layout: Layout) -> [Any] {
    let positives = question.positives.map(text), negatives = question.negatives.map(text)
    switch layout {
    case .beir: return [["_id": question.id, "text": question.text]]
    case .dpr, .dprLines: return [dpr(question)]
    case .tevatron:
      return [
        [
          "query_id": question.id, "query": question.text,
          "positive_passages": question.positives.map { passage($0, "docid") },
          "negative_passages": question.negatives.map { passage($0, "docid") },
        ]
      ]
    case .tevatronIDs:
      return [
        [
          "query_id": question.id, "query_text": question.text, "query_image": NSNull(),
          "positive_document_ids": question.positives,
          "negative_document_ids": question.negatives,
        ]
      ]
    case .flagEmbedding:
      return [["query": question.text, "pos": positives, "neg": negatives, "type": "normal"]]
    case .tuples:
      return positives.map { positive in
        var row: [String: Any] = ["anchor": question.text, "positive": positive]
        for place in 0..<3 {
          row["negative_\(place + 1)"] = place < negatives.count ? negatives[place] : NSNull()
        }
        return row
      }
    case .triplets:
      return positives.map { positive in
        ["query": question.text, "answer": positive, "negative": negatives, "scores": [1, 0.5]]
      }
    case .lists: return positives.map { [question.text, $0] + negatives }
    case .labelledLists:
      return [
        [
          "anchor": question.text, "positive": positives + negatives,
          "labels": positives.map { _ in 1 } + negatives.map { _ in 0 },
        ]
      ]
    }
  }

  private func dpr(_ question: Question) -> [String: Any] {
    // One id is a number, and one has its other name.
    func context(_ id: String) -> [String: Any] {
      if let number = Int(id) {
        return ["psg_id": number, "title": NSNull(), "text": text(id), "score": 1.5]
      }
      return passage(id, "passage_id")
    }
    let isHard = question.id != "7"
    let contexts = question.negatives.map(context)
    return [
      "question": question.text, "answers": ["a", "b"], "dataset": "small",
      "positive_ctxs": question.positives.map(context),
      "hard_negative_ctxs": isHard ? contexts : [],
      "negative_ctxs": isHard ? [context("p3")] : contexts,
    ]
  }

  private func passage(_ id: String, _ name: String) -> [String: Any] {
    let passage = passages.first { $0.id == id }
    return [name: id, "title": passage?.title ?? "", "text": passage?.text ?? ""]
  }

  private func mined(_ question: Question) -> [String: Any] {
    [
      "query_id": question.id, "query": question.text, "positive_ids": question.positives,
      "negatives": question.negatives.enumerated().map {
        ["id": $1, "rank": $0, "score": 0.5, "generation": 0, "provenance": "encoded"]
          as [String: Any]
      },
    ]
  }
}

/// A value as one line of JSON.
func json(_ value: Any) -> String {
  let data = try? JSONSerialization.data(withJSONObject: value, options: [.sortedKeys])
  return String(decoding: data ?? Data(), as: UTF8.self)
}

/// Compresses a file beside itself and removes it; returns the path of the new one.
@discardableResult
func compress(_ path: String) throws -> String {
  let gzip = Process()
  gzip.executableURL = URL(fileURLWithPath: "/bin/gzip")
  gzip.arguments = [path]
  try gzip.run()
  gzip.waitUntilExit()
  return path + ".gz"
}

extension TrainingData {
  /// All pairs with their texts.
  func meanings() throws -> [SmallData.Meaning] {
    try (0..<count).map { index in
      let pair = try pair(at: index)
      return SmallData.Meaning(
        query: pair.query, positive: try text(ofPassage: pair.positiveID),
        others: try pair.otherPositiveIDs.map { try text(ofPassage: $0) },
        negatives: try pair.negativeIDs.map { try text(ofPassage: $0) })
    }
  }
}
