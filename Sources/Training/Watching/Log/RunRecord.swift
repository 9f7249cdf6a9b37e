import Foundation

/// A log, read whole.
struct RunRecord: Sendable {
  let run: LoggedRun
  private(set) var steps: [LoggedStep] = []
  private(set) var evaluations: [LoggedEvaluation] = []
  private(set) var warnings: [LoggedMessage] = []
  private(set) var sessions: [LoggedMessage] = []
  private(set) var outcome: LoggedOutcome?

  /// Reads the log `text`, found at `path`; a last line without an end is passed over.
  ///
  /// - Throws: `TrainingError.invalidData` with the line.
  init(_ text: Data, path: String) throws(TrainingError) {
    let lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      .dropLast()
    func line(_ index: Int) throws(TrainingError) -> LogLine {
      do {
        return try JSONDecoder.log.decode(LogLine.self, from: lines[index])
      } catch {
        throw TrainingError(.invalidData, "\(path):\(index + 1) is not a line of a training log")
      }
    }
    guard !lines.isEmpty, case .run(let run) = try line(0), run.format == LoggedRun.format else {
      throw TrainingError(.invalidData, "\(path):1 does not begin a \(LoggedRun.format)")
    }
    self.run = run
    for index in lines.indices.dropFirst() { add(try line(index)) }
  }

  private mutating func add(_ line: LogLine) {
    switch line {
    case .run: break
    case .step(let step): steps.append(step)
    case .evaluation(let evaluation): evaluations.append(evaluation)
    case .warning(let warning): warnings.append(warning)
    case .session(let session): sessions.append(session)
    case .outcome(let outcome): self.outcome = outcome
    }
  }

  /// The best evaluation.
  var best: LoggedEvaluation? { evaluations.last { $0.isBest } }

  /// Steps of the whole run.
  var totalSteps: Int {
    if case .integer(let steps)? = run.configuration["steps"] { return steps }
    return steps.last?.totalSteps ?? 0
  }

  /// The clock of the last line that has one.
  var lastClock: LogClock? {
    outcome?.clock ?? steps.last?.clock
  }
}
