public import ArgumentParser
public import Freshet

/// Which candidates become negatives.
struct MineRuleOptions: ParsableArguments {
  @Option(help: "Negatives per query, from the embeddings.")
  var negatives = 5
  @Option(help: "Negatives per query from a search for words, beside those.")
  var bm25 = 0
  @Option(
    help: """
      When a query ends with fewer: \"fewer\" keeps what there is, \"drop\" leaves the query out, \
      \"fail\" ends with an error, \"fill-random\" adds random passages, marked as such, that are \
      no positive, no copy of one, and that no rule removed.
      """)
  var shortage = ShortagePolicy.fewer
  @Option(help: "First rank taken, 0 being the best.")
  var fromRank = 0
  @Option(help: "Rank before which to stop.")
  var toRank = 50
  @Option(help: "Drop what scores above the positive less this.")
  var absoluteMargin: Float?
  @Option(help: "Drop what scores above the positive less this share of it.")
  var relativeMargin: Float?
  @Option(help: "Take margins from the \"worst\" or the \"best\" scored positive.")
  var marginFrom = MarginAnchor.worstPositive
  @Option(help: "Drop what scores below.")
  var minimumScore: Float?
  @Option(help: "Drop what scores above.")
  var maximumScore: Float?
  @Option(
    help: "Drop a passage whose cosine to a positive or a picked negative is above, such as 0.98.")
  var nearDuplicate: Float?
  @Flag(help: "Keep positives where they rank, labelled, for whole rankings.")
  var includePositives = false
  @Option(help: "top, random, or softmax.")
  var sampling = "top"
  @Option(help: "Temperature of softmax sampling.")
  var temperature = 0.05
  @Option(help: "Seed of all that is random.")
  var seed: UInt64 = 0

  func validate() throws {
    try require(negatives, atLeast: bm25 > 0 ? 0 : 1, "--negatives")
    try require(bm25, atLeast: 0, "--bm25")
    guard temperature > 0 else {
      throw ValidationError("--temperature must be above 0, was \(temperature).")
    }
    guard ["top", "random", "softmax"].contains(sampling) else {
      throw ValidationError("--sampling: \"\(sampling)\" is not top, random or softmax.")
    }
    guard fromRank >= 0, fromRank < toRank else {
      throw ValidationError("ranks \(fromRank) to \(toRank) hold nothing.")
    }
    if let nearDuplicate, !(nearDuplicate > -1 && nearDuplicate <= 1) {
      throw ValidationError("--near-duplicate is a cosine up to 1, was \(nearDuplicate).")
    }
  }

  var rules: MiningRules {
    var rules = MiningRules()
    rules.rankRange = fromRank..<toRank
    rules.lexicalRankRange = fromRank..<toRank
    rules.negativesPerQuery = negatives
    rules.lexicalNegatives = bm25
    rules.shortage = shortage
    rules.absoluteMargin = absoluteMargin
    rules.relativeMargin = relativeMargin
    rules.marginAnchor = marginFrom
    rules.minimumScore = minimumScore
    rules.maximumScore = maximumScore
    rules.nearDuplicate = nearDuplicate
    rules.includesPositives = includePositives
    rules.seed = seed
    switch sampling {
    case "random": rules.sampling = .random
    case "softmax": rules.sampling = .softmax(temperature: .init(temperature))
    default: rules.sampling = .top
    }
    return rules
  }
}

extension ShortagePolicy: ExpressibleByArgument {}
extension MarginAnchor: ExpressibleByArgument {}
