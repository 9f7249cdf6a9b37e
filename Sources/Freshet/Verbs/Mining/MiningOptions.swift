public import Foundation
public import Mining

/// What mining may be told.
public struct MiningOptions: Sendable {
  /// What is removed and how the rest is picked.
  public var rules = MiningRules()
  /// How the negatives are written.
  public var format = NegativesFormat.freshet
  /// Whether inner products are written, where the format takes them.
  public var scores = false
  /// How the index is searched.
  public var search = SearchOptions()
  /// The generation mined from; nil is the active one. Another one is searched exactly.
  public var generation: Int?
  /// Answers in words, for `rules.dropsAnswers` and DPR's format.
  public var answers: QueryAnswers?
  /// What a second scorer says, for `rules.cross`.
  public var crossScores: CrossScores?
  /// Where the candidates that identity and scores leave are written, positives first, for a second
  /// scorer; nil writes none.
  public var candidates: URL?
  /// Queries the report shows in full.
  public var examples = 5
  /// Queries encoded, searched and written at once: decides speed and memory, nothing else.
  public var batch = 2048

  public init() {}

  /// - Throws: `FreshetError.badInput` for options that do not go together.
  func check() throws(FreshetError) {
    if rules.includesPositives, !format.tellsPositives {
      let formats = NegativesFormat.allCases.filter(\.tellsPositives).map(\.rawValue)
      throw FreshetError(
        .badInput,
        "positives among the negatives need a format that tells them apart: "
          + formats.joined(separator: ", "))
    }
    if scores, !format.takesScores {
      let formats = NegativesFormat.allCases.filter(\.takesScores).map(\.rawValue)
      throw FreshetError(
        .badInput,
        "the format \(format.rawValue) takes no scores beside its own; these do: "
          + formats.joined(separator: ", "))
    }
    if crossScores == nil, rules.cross != ScoreBounds() || rules.unscored == .drop {
      throw FreshetError(.badInput, "rules on a second scorer's scores need its scores")
    }
  }
}
