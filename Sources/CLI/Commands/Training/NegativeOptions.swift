import ArgumentParser
import Freshet

/// Where hard negatives come from.
struct NegativeOptions: ParsableArguments {
  @Option(
    help: """
      Where hard negatives come from: a file mined by `freshet mine`; in-batch (the passages of the \
      batch alone); or drawn at every step from the whole corpus: uniform, stale (by embeddings of \
      the encoder trained from), corrected (those, moved by a corrector that learns along), \
      re-encode (by embeddings that are made anew).
      """)
  var negatives: String?
  @Option(help: "Negatives drawn per query and step. (default: 8)")
  var sampledNegatives: Int?
  @Option(help: "Do not draw passages that score above the positive by more than this.")
  var negativeMargin: Float?
  @Option(help: "Steps between encodings of the corpus, for re-encode. (default: 200)")
  var reEncodeEvery: Int?
  @Option(help: "Steps between corrections of the corpus, for corrected. (default: 10)")
  var correctEvery: Int?
  @Option(
    help: "Draw from so many candidates per query, corrected anew at every step, for corrected.")
  var candidates: Int?
  @Option(help: "Hidden units of the corrector. (default: 512)")
  var correctorWidth: Int?
  @Option(help: "Learning rate of the corrector. (default: 0.001)")
  var correctorRate: Float?
  @Option(help: "Steps of the corrector per step of the encoder. (default: 4)")
  var correctorSteps: Int?
  @Option(help: "Weight of the corrector's cross-entropy, beside its square error. (default: 0)")
  var correctorCrossEntropy: Float?

  /// The source that negatives are drawn from, when they are.
  private var source: NegativeSource? { negatives.flatMap(NegativeSource.init(rawValue:)) }

  /// The file of mined negatives, when one is named.
  var file: String? { source == nil && negatives != Self.inBatch ? negatives : nil }

  private static let inBatch = "in-batch"

  /// Options with whether they were given, and the sources they go with.
  private var uses: [(option: String, isGiven: Bool, sources: [NegativeSource])] {
    [
      ("--sampled-negatives", sampledNegatives != nil, NegativeSource.allCases),
      ("--negative-margin", negativeMargin != nil, [.stale, .corrected, .reEncode]),
      ("--re-encode-every", reEncodeEvery != nil, [.reEncode]),
      ("--correct-every", correctEvery != nil, [.corrected]),
      ("--candidates", candidates != nil, [.corrected]),
      ("--corrector-width", correctorWidth != nil, [.corrected]),
      ("--corrector-rate", correctorRate != nil, [.corrected]),
      ("--corrector-steps", correctorSteps != nil, [.corrected]),
      ("--corrector-cross-entropy", correctorCrossEntropy != nil, [.corrected]),
    ]
  }

  func validate() throws {
    for use in uses where use.isGiven && !(source.map(use.sources.contains) ?? false) {
      let words = use.sources.map(\.rawValue).joined(separator: ", ")
      throw ValidationError("\(use.option) goes with --negatives \(words).")
    }
    do {
      try sampling?.validate()
    } catch {
      throw ValidationError("--negatives \(negatives ?? ""): \(error.message)")
    }
  }

  private var sampling: NegativeSampling? {
    guard let source else { return nil }
    var sampling = NegativeSampling(
      source, perQuery: sampledNegatives ?? 8, margin: negativeMargin)
    sampling.reEncodeEvery = reEncodeEvery ?? sampling.reEncodeEvery
    var corrector = sampling.corrector
    corrector.width = correctorWidth ?? corrector.width
    corrector.learningRate = correctorRate ?? corrector.learningRate
    corrector.innerSteps = correctorSteps ?? corrector.innerSteps
    corrector.crossEntropyWeight = correctorCrossEntropy ?? corrector.crossEntropyWeight
    corrector.correctEvery = correctEvery ?? corrector.correctEvery
    corrector.candidates = candidates
    sampling.corrector = corrector
    return sampling
  }

  /// - Parameter given: negatives per query that the data brings, when their number was asked for:
  ///   else there are none beside those of a named source.
  func apply(to configuration: inout TrainingConfiguration, given: Int?) {
    configuration.sampling = sampling
    if file == nil, negatives != nil { configuration.negativesPerQuery = given ?? 0 }
  }
}
