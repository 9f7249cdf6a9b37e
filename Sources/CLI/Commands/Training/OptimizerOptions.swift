public import ArgumentParser
public import Freshet

/// How weights move.
struct OptimizerOptions: ParsableArguments {
  @Option(help: "Optimizer steps.")
  var steps = 200
  @Option(help: "Peak learning rate.")
  var learningRate = 2e-5
  @Option(help: "Share of the steps in which the learning rate rises.")
  var warmup = 0.1
  @Option(help: "How the learning rate goes on: linear, cosine, constant.")
  var decay = RateDecay.linear
  @Option(help: "Decoupled weight decay of matrices.")
  var weightDecay = 0.01
  @Option(help: "Gradients of a larger norm are scaled down to this one.")
  var clipNorm = 1.0
  @Option(help: "Freeze the tables and so many of the first layers; 0: the tables alone.")
  var freeze: Int?
  @Flag(help: "Train the query tower alone, with --towers untied: stored passages stay fresh.")
  var freezePassages = false
  @Flag(inversion: .prefixedNo, help: "Use the dropout of the encoder's configuration.")
  var dropout = true
  @Option(help: "Seed of shuffling, sampling and dropout.")
  var seed: UInt64 = 1

  func validate() throws {
    try require(steps, atLeast: 1, "--steps")
    try require(freeze, atLeast: 0, "--freeze")
    guard learningRate > 0 else { throw ValidationError("--learning-rate must be above 0.") }
    guard (0...1).contains(warmup) else { throw ValidationError("--warmup must be from 0 to 1.") }
    guard weightDecay >= 0 else { throw ValidationError("--weight-decay must be 0 or more.") }
    guard clipNorm > 0 else { throw ValidationError("--clip-norm must be above 0.") }
  }

  func apply(to configuration: inout TrainingConfiguration) {
    configuration.steps = steps
    configuration.learningRate = learningRate
    configuration.warmupShare = warmup
    configuration.decay = decay
    configuration.weightDecay = weightDecay
    configuration.clipNorm = clipNorm
    configuration.frozenLayers = freeze
    configuration.freezesPassages = freezePassages ? true : nil
    configuration.usesDropout = dropout
    configuration.seed = seed
  }
}

extension RateDecay: ExpressibleByArgument {}
