internal import Corrector
internal import Foundation
internal import Reports

/// Which way to the new encoder a careful engineer would take, and why.
public struct RefreshAdvice: Sendable, Equatable, Codable {
  /// "keep", "correct" or "re-encode".
  public var way: String
  /// One plain sentence with the numbers that decided.
  public var reason: String

  /// The least ``RefreshPlan/recovery`` that makes correcting worth while: below half of the lost
  /// neighbours, the loss that stays is greater than what was won.
  public static let worthwhileRecovery = 0.5
  /// The least share of true neighbours found that makes correcting worth while where nothing can be
  /// kept: to another encoder's space of other dimensions, 60% of them were 61% of its MRR@10.
  public static let worthwhileFound = 0.8
  /// The share of true neighbours from which on nothing counts as lost.
  public static let keptWhole = 0.98
  /// The share of true neighbours from which on keeping will do when no corrector beats it.
  public static let keptWell = 0.95
  /// Samples below this share of the passages may be too small to correct by.
  public static let smallSample = 0.03
  /// Seconds that encoding everything may take longer than correcting and still count as cheap.
  public static let cheapSeconds = 10.0

  init(way: String, reason: String) {
    self.way = way
    self.reason = reason
  }
}

extension RefreshPlan {
  /// Which way the predicted figures speak for. It is advice: what a refresh does is ``chosen``.
  public var advice: RefreshAdvice {
    let corrects = corrector != .identity
    if let kept = found(by: "keep") {
      if kept >= RefreshAdvice.keptWhole {
        return RefreshAdvice(
          way: "keep", reason: "the stored vectors still find \(percent(kept)) of the neighbours")
      }
      if !corrects, kept >= RefreshAdvice.keptWell {
        return RefreshAdvice(
          way: "keep",
          reason: "no corrector finds more than the stored vectors, which find "
            + "\(percent(kept)) of the neighbours")
      }
    }
    if extraSeconds <= RefreshAdvice.cheapSeconds {
      return RefreshAdvice(
        way: "re-encode", reason: "\(encodingWords), hardly more than correcting")
    }
    guard corrects else {
      let lost = percent(1 - (found(by: "keep") ?? 0))
      return RefreshAdvice(
        way: "re-encode",
        reason: "no corrector brings back any of the \(lost) of the neighbours that keeping "
          + "loses; \(encodingWords)")
    }
    let canKeep = found(by: "keep") != nil
    let worthwhile = canKeep ? RefreshAdvice.worthwhileRecovery : RefreshAdvice.worthwhileFound
    guard recovery < worthwhile else {
      return RefreshAdvice(way: "correct", reason: "\(recoveryWords); \(encodingWords)")
    }
    return RefreshAdvice(
      way: "re-encode", reason: "\(recoveryWords); \(encodingWords)\(largerSampleWords)")
  }

  /// What a sample is taken for small by: a corrector still gains much from twice as many pairs.
  private var largerSampleWords: String {
    let all = sample + (ways.first { $0.way == "re-encode" }?.encodes ?? 0)
    let share = Double(sample) / Double(max(all, 1))
    guard share < RefreshAdvice.smallSample else { return "" }
    return "; or try a larger sample: this one is \(percent(share)) of the passages"
  }

  /// Predicted share of the true ten nearest that a way finds; nil when there is no such way.
  private func found(by way: String) -> Double? {
    ways.first { $0.way == way }?.quality["neighbours@10"]?[1]
  }

  /// Seconds that encoding everything takes beyond correcting.
  private var extraSeconds: Double {
    func seconds(_ way: String) -> Double { ways.first { $0.way == way }?.seconds ?? 0 }
    return seconds("re-encode") - seconds("correct")
  }

  private var recoveryWords: String {
    ways.contains { $0.way == "keep" }
      ? "correcting brings back \(percent(max(recovery, 0))) of the lost neighbours"
      : "nothing can be kept, and correcting finds \(percent(recovery)) of the neighbours"
  }

  private var encodingWords: String {
    guard let all = ways.first(where: { $0.way == "re-encode" }), all.encodes > 0 else {
      return "every passage is encoded already"
    }
    return "encoding the other \(ReportWords.count(all.encodes)) takes "
      + ReportWords.duration(all.seconds)
  }

  private func percent(_ share: Double) -> String { String(format: "%.1f%%", 100 * share) }
}
