public import Corrector
public import Foundation

/// How many passages a refresh encodes anew to fit and judge correctors.
public enum SampleSize: Sendable, Equatable {
  /// 5% of the passages, and 600 at least: fewer judge too coarsely.
  case automatic
  /// A share of the passages, in (0, 1].
  case share(Double)
  /// A number of passages.
  case count(Int)

  /// Reads "5%", "0.05" or "800".
  ///
  /// - Throws: `FreshetError.badInput` for anything else.
  public init(parsing text: String) throws(FreshetError) {
    if text.hasSuffix("%"), let percent = Double(text.dropLast()), percent > 0, percent <= 100 {
      self = .share(percent / 100)
    } else if let count = Int(text), count > 0 {
      self = .count(count)
    } else if let share = Double(text), share > 0, share <= 1 {
      self = .share(share)
    } else {
      throw FreshetError(
        .badInput, "the sample \"\(text)\" is neither a share such as 5% nor a number of passages")
    }
  }

  func count(of passages: Int) -> Int {
    switch self {
    case .automatic: min(passages, max(passages / 20, 600))
    case .share(let share): Int((Double(passages) * share).rounded(.up))
    case .count(let count): min(passages, count)
    }
  }
}

/// What a refresh may be told.
public struct RefreshOptions: Sendable {
  /// Passages encoded anew to fit and judge correctors.
  public var sample = SampleSize.automatic
  /// How these are chosen.
  public var sampling = SamplingDesign.simple
  /// The sample is doubled until the interval of the predicted neighbours@10 of the way that is
  /// taken is at most this wide, in (0, 1), or it would be half of the passages; nil leaves it.
  public var intervalWidth: Double?
  /// Chooses the sample, its split, and every random draw of the fit.
  public var seed: UInt64 = 1
  /// Passages encoded anew beyond the sample, where the predicted error times ``queryLog``'s use is
  /// greatest; these and the sample then stand exact among corrected ones, unless that is judged to
  /// do harm. Nil corrects all.
  public var budget: SampleSize?
  /// Queries as users ask them: a passage counts once, and once more for each query that finds it
  /// among its ten nearest. Empty counts all alike.
  public var queryLog: [Query] = []
  /// Refuse to go live when the predicted recovery is below this, in [0, 1]; nil never refuses.
  public var minimumRecovery: Double?
  /// Queries with judgements: keeping and correcting are then also measured on them, before it is live.
  public var judged: JudgedQueries?
  /// The index of the new generation, as a FAISS factory string, or "auto"; nil keeps the kind of
  /// the present one.
  public var index: String?
  /// How correctors are fitted; its seed is replaced by `seed`.
  public var fit = FitOptions()

  /// Where an HTML page about the refresh is written, also when it is refused; nil writes none.
  public var report: URL?

  public init() {}
}
