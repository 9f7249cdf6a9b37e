import Foundation

/// A line of the log, read back.
enum LogLine: Sendable, Equatable {
  /// What a line tells of.
  enum Kind: String, Codable {
    case run, step, evaluation, warning, session, outcome
  }

  case run(LoggedRun)
  case step(LoggedStep)
  case evaluation(LoggedEvaluation)
  /// What did not stop the run, while it did the step.
  case warning(LoggedMessage)
  /// That the run went on from after the step, or what was said while it prepared to.
  case session(LoggedMessage)
  case outcome(LoggedOutcome)
}

extension LogLine: Decodable {
  private enum Key: String, CodingKey { case kind }

  init(from decoder: any Decoder) throws {
    switch try decoder.container(keyedBy: Key.self).decode(Kind.self, forKey: .kind) {
    case .run: self = .run(try LoggedRun(from: decoder))
    case .step: self = .step(try LoggedStep(from: decoder))
    case .evaluation: self = .evaluation(try LoggedEvaluation(from: decoder))
    case .warning: self = .warning(try LoggedMessage(from: decoder))
    case .session: self = .session(try LoggedMessage(from: decoder))
    case .outcome: self = .outcome(try LoggedOutcome(from: decoder))
    }
  }
}

/// The first line: what is run.
struct LoggedRun: Sendable, Codable, Equatable {
  static let format = "freshet training log 1"

  let format: String
  let title: String
  let encoder: String
  let data: String
  let pairs: Int
  let configuration: [String: LoggedValue]
}

/// A step of the log; see ``StepProgress`` for the meaning of its members.
struct LoggedStep: Sendable, Decodable, Equatable {
  let step: Int, totalSteps: Int
  let loss: Float, accuracy: Float
  let learningRate: Float
  let gradientNorm: Float, queryPull: Float, passagePull: Float
  let towerNorms: TowerNorms?
  let bankedExamples: Int, pairsSeen: Int, tokensSeen: Int
  let negatives: NegativeProgress?
  let unforetold: Float?
  let clock: LogClock
}

/// An evaluation of the log.
struct LoggedEvaluation: Sendable, Decodable, Equatable {
  let step: Int
  let metrics: [String: Double]
  let name: String, value: Double
  let isBest: Bool
  let clock: LogClock
}

/// Something said in words.
struct LoggedMessage: Sendable, Decodable, Equatable {
  let step: Int
  let message: String
  let clock: LogClock
}

/// The last line: what the run, or this session of it, came to.
struct LoggedOutcome: Sendable, Decodable, Equatable {
  let steps: Int, pairs: Int, tokens: Int
  let lastLoss: Float, meanLossOfLastTenth: Float
  let bestStep: Int?
  let finished: Bool
  let clock: LogClock
}

extension LoggedOutcome {
  init(_ outcome: TrainingOutcome, clock: LogClock) {
    steps = outcome.steps
    pairs = outcome.pairs
    tokens = outcome.tokens
    lastLoss = outcome.lastLoss
    meanLossOfLastTenth = outcome.meanLossOfLastTenth
    bestStep = outcome.bestStep
    finished = outcome.finished
    self.clock = clock
  }
}
