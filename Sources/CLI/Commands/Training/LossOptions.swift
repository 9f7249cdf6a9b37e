public import ArgumentParser
public import Freshet

/// What the loss is.
struct LossOptions: ParsableArguments {
  @Option(help: "Softmax temperature.")
  var temperature = 0.05
  @Option(
    help: "Given negatives per query and step. (default: 1; 0 where --negatives names no file)")
  var negativesPerQuery: Int?
  @Flag(help: "Passages look for their queries, too: the mean of both directions.")
  var symmetric = false
  @Option(
    help: "Dimensions that get a loss of their own (Matryoshka), such as 384,128,64.",
    transform: LossOptions.dimensions)
  var matryoshka: [Int] = []
  @Option(help: "What the sum of losses is divided by with a bank: all-rows, or local-rows.")
  var normaliser = LossNormaliser.allRows
  @Flag(
    inversion: .prefixedNo,
    help: "Keep passages known to answer a query, by id, from being its negatives.")
  var maskFalseNegatives = true

  @Option(
    name: .customLong("keep-correctable"),
    help: """
      Weight of a penalty that keeps passages predictable from their embeddings by --from and from \
      their words, so that `freshet refresh` can move stored ones (0 only measures; 1 is mild).
      """)
  var keepCorrectable: Double?

  private static func dimensions(_ text: String) throws -> [Int] {
    try text.split(separator: ",").map { part in
      guard let dimension = Int(part), dimension > 0 else {
        throw ValidationError("--matryoshka: \"\(part)\" is not a number of dimensions.")
      }
      return dimension
    }
  }

  func validate() throws {
    try require(negativesPerQuery, atLeast: 0, "--negatives-per-query")
    guard keepCorrectable ?? 0 >= 0 else {
      throw ValidationError("--keep-correctable must be 0 or more.")
    }
    guard temperature > 0 else { throw ValidationError("--temperature must be above 0.") }
  }

  func apply(to configuration: inout TrainingConfiguration) {
    configuration.temperature = temperature
    configuration.negativesPerQuery = negativesPerQuery ?? 1
    configuration.isSymmetric = symmetric
    configuration.matryoshkaDimensions = matryoshka
    configuration.normaliser = normaliser
    configuration.masksFalseNegatives = maskFalseNegatives
    configuration.keepCorrectable = keepCorrectable
  }
}

extension LossNormaliser: ExpressibleByArgument {}
