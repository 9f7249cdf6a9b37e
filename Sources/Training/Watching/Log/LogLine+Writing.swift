import Foundation

/// The text of each kind of line: what stays the same in every run of the training, then `clock`.
extension LogLine {
  static func text(of run: RunDescription) throws -> Data {
    var line = try JSONLine(.run)
    try line.add("format", LoggedRun.format)
    try line.add("title", run.title)
    try line.add("encoder", run.encoder)
    try line.add("data", run.data)
    try line.add("pairs", run.pairs)
    line.add("configuration", try JSONLine(members: run.configuration.loggedValues()))
    return line.data
  }

  static func text(of progress: StepProgress, _ clock: LogClock) throws -> Data {
    var line = try JSONLine(.step)
    try line.add("step", progress.step)
    try line.add("totalSteps", progress.totalSteps)
    try line.add("loss", progress.loss)
    try line.add("accuracy", progress.accuracy)
    try line.add("learningRate", progress.learningRate)
    try line.add("gradientNorm", progress.gradientNorm)
    try line.add("queryPull", progress.queryPull)
    try line.add("passagePull", progress.passagePull)
    if let norms = progress.towerNorms { try line.add("towerNorms", norms) }
    try line.add("bankedExamples", progress.bankedExamples)
    try line.add("pairsSeen", progress.pairsSeen)
    try line.add("tokensSeen", progress.tokensSeen)
    if let negatives = progress.negatives { try line.add("negatives", negatives) }
    if let unforetold = progress.unforetold { try line.add("unforetold", unforetold) }
    try line.add("clock", clock)
    return line.data
  }

  static func text(of score: DevelopmentScore, step: Int, _ clock: LogClock) throws -> Data {
    var line = try JSONLine(.evaluation)
    try line.add("step", step)
    try line.add("name", score.name)
    try line.add("value", score.value)
    try line.add("isBest", score.isBest)
    try line.add("metrics", score.metrics)
    try line.add("clock", clock)
    return line.data
  }

  static func text(
    of message: String, _ kind: Kind, step: Int, _ clock: LogClock
  ) throws -> Data {
    var line = try JSONLine(kind)
    try line.add("step", step)
    try line.add("message", message)
    try line.add("clock", clock)
    return line.data
  }

  static func text(of outcome: LoggedOutcome) throws -> Data {
    var line = try JSONLine(.outcome)
    try line.add("steps", outcome.steps)
    try line.add("pairs", outcome.pairs)
    try line.add("tokens", outcome.tokens)
    try line.add("lastLoss", outcome.lastLoss)
    try line.add("meanLossOfLastTenth", outcome.meanLossOfLastTenth)
    if let step = outcome.bestStep { try line.add("bestStep", step) }
    try line.add("finished", outcome.finished)
    try line.add("clock", outcome.clock)
    return line.data
  }
}
