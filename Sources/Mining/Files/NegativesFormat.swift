public import Foundation
internal import Tensors

/// The file formats mined negatives are written in.
public enum NegativesFormat: String, Sendable, CaseIterable {
  /// Freshet's own JSON Lines, with rank, score, source, generation and provenance of each
  /// negative; see ``NegativesRecord``.
  case freshet
  /// sentence-transformers: `{"anchor", "positive", "negative"}`.
  case triplets
  /// sentence-transformers: `{"anchor", "positive", "negative_1", …, "negative_n"}`.
  case tuples = "n-tuple"
  /// sentence-transformers: `{"anchor", "passage", "label"}`.
  case labeledPairs = "labeled-pair"
  /// sentence-transformers: `{"anchor", "passages": […], "labels": […]}`.
  case labeledLists = "labeled-list"
  /// FlagEmbedding: `{"query", "pos": […], "neg": […]}`.
  case flagEmbedding = "flag-embedding"
  /// Tevatron: `{"query_id", "query", "positive_passages", "negative_passages"}`.
  case tevatron
  /// DPR: one JSON list of `{"question", "answers", "positive_ctxs", …}`.
  case dpr
  /// A TREC run of the negatives: `query Q0 passage rank score freshet`.
  case trec

  /// Whether the format holds the texts of passages.
  public var needsTexts: Bool { self != .freshet && self != .trec }
  /// Whether it can say that a passage is a positive.
  public var tellsPositives: Bool {
    self == .labeledPairs || self == .labeledLists || self == .trec
  }
  /// Whether scores can be written into it besides.
  public var takesScores: Bool {
    switch self {
    case .triplets, .tuples, .labeledPairs, .labeledLists, .flagEmbedding: true
    case .freshet, .tevatron, .dpr, .trec: false
    }
  }
}

/// Writes negatives to a file that appears whole or not at all.
///
/// - Parameters:
///   - file: replaced when it exists.
///   - format: of the file.
///   - scores: whether inner products are written, where the format takes them.
///   - negatives: how many a query was to have; a tuple of another number is left out, for its
///     columns must be the same in every line.
///   - body: hands over one batch of records after another.
/// - Returns: the number of records written: lines, or elements of DPR's list.
/// - Throws: `MiningError` (`.io`) naming the file, or `.invalidArgument` for an id that a TREC run
///   cannot hold; what `body` throws. Nothing of a former file is lost then.
public func writeMined(
  to file: URL, format: NegativesFormat, scores: Bool = false, negatives: Int,
  _ body: (_ write: ([MinedRecord]) throws -> Void) throws -> Void
) throws -> Int {
  var count = 0
  _ = try writeLines(to: file) { writer in
    try writer.write(format == .dpr ? "[" : "")
    try body { batch in
      let outcomes = batch.concurrentMap { record in
        Result { () throws(MiningError) in
          try format.records(of: record, scores: scores, negatives: negatives)
        }
      }
      for outcome in outcomes {
        for text in try outcome.get() {
          if format == .dpr {
            try writer.write((count == 0 ? "\n" : ",\n") + text)
          } else {
            try writer.append(text)
          }
          count += 1
        }
      }
    }
    try writer.write(format == .dpr ? "\n]\n" : "")
  }
  return count
}

extension NegativesFormat {
  fileprivate func records(
    of record: MinedRecord, scores: Bool, negatives: Int
  ) throws(MiningError) -> [String] {
    switch self {
    case .freshet: [freshetLine(record)]
    case .triplets: tripletLines(record, scores: scores)
    case .tuples: tupleLines(record, scores: scores, negatives: negatives)
    case .labeledPairs: labeledPairLines(record, scores: scores)
    case .labeledLists: labeledListLines(record, scores: scores)
    case .flagEmbedding: flagEmbeddingLines(record, scores: scores)
    case .tevatron: tevatronLines(record)
    case .dpr: dprElements(record)
    case .trec: try trecLines(record)
    }
  }
}
