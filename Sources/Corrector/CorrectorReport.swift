public import Tensors

/// A fitted corrector and how it did on the held-out part.
public struct Candidate: Sendable {
  /// The fitted map.
  public let corrector: any Corrector
  /// Its figures on the held-out pairs.
  public let judgement: Judgement
  /// Seconds to fit it alone, by the caller's clock.
  public let fitSeconds: Double
  /// What fitting chose, in words for people ("strength 0.01"); empty when nothing was chosen.
  public let note: String
}

/// A kind that could not be fitted to these pairs, and why.
public struct SkippedCandidate: Sendable, Codable, Equatable {
  /// The kind that was skipped.
  public let kind: CorrectorKind
  /// Why, in one line with its numbers.
  public let reason: String
}

/// One row of the judged table: a candidate without its parameters.
public struct JudgedCandidate: Sendable, Codable, Equatable {
  /// The kind of map.
  public let kind: CorrectorKind
  /// Its figures on the held-out pairs.
  public let judgement: Judgement
  /// Seconds to fit it alone.
  public let fitSeconds: Double
  /// What fitting chose, in words for people.
  public let note: String
  /// True for exactly one row of a table.
  public let isChosen: Bool
  /// Seconds to correct all vectors with it, features included; nil where nobody measured.
  public var applySeconds: Double?
}

/// All that fitting found out.
public struct CorrectorReport: Sendable {
  /// Fitted correctors, simplest first.
  public let candidates: [Candidate]
  /// Index in `candidates` of the one to use.
  public let chosen: Int
  /// How the choice came about, in the order of comparison.
  public let comparisons: [Comparison]
  /// Kinds that do not apply to these pairs.
  public let skipped: [SkippedCandidate]
  /// Predicted error of the chosen corrector's rows.
  public let errorModel: ErrorModel
  /// Mixtures of exact rows among those of the chosen corrector, for each of the options' shares.
  public let hybrids: [HybridJudgement]
  /// Rows of the pairs that judged, in an order drawn by the seed; at most 4,096.
  public let heldOutRows: [Int]
  /// `(heldOutRows, d')`: those rows as the chosen kind corrects them, fitted without their part.
  public let heldOut: Matrix
  /// Pairs that the chosen corrector is fitted to: all of them.
  public let fitRows: Int

  /// The chosen corrector.
  public var corrector: any Corrector { candidates[chosen].corrector }

  /// The chosen corrector's judgement. Slightly flattering: the choice was made on it.
  public var judgement: Judgement { candidates[chosen].judgement }

  /// The judgement of keeping the stale vectors; nil when the dimensions differ.
  public var keep: Judgement? {
    candidates.first { $0.corrector.kind == .identity }?.judgement
  }

  /// The share of lost neighbours that the chosen corrector brings back:
  /// (corrected − kept) / (1 − kept) of ``Judgement/recallAt10``. Where nothing can be kept, because
  /// the dimensions differ, the share found.
  public var recovery: Double {
    let corrected = judgement.recallAt10.estimate
    guard let kept = keep?.recallAt10.estimate else { return corrected }
    return kept >= 1 ? 1 : (corrected - kept) / (1 - kept)
  }

  /// Every candidate with its figures, simplest first: to print, or to keep as JSON.
  public var table: [JudgedCandidate] {
    candidates.enumerated().map { index, candidate in
      JudgedCandidate(
        kind: candidate.corrector.kind, judgement: candidate.judgement,
        fitSeconds: candidate.fitSeconds, note: candidate.note, isChosen: index == chosen)
    }
  }

  /// Predicted `1 − cos(corrected, fresh)` per row, for rows corrected by the chosen corrector.
  ///
  /// - Parameters:
  ///   - stale: `(n, d)`.
  ///   - corrected: `(n, d')`, the chosen corrector's result for `stale`.
  public func predictedErrors(stale: Matrix, corrected: Matrix) -> [Float] {
    errorModel.predictedErrors(stale: stale, corrected: corrected)
  }
}
