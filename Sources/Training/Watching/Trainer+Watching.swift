public import Foundation

extension Trainer {
  /// Trains as the other `run` does, and writes down how it goes, as ``RunWatcher`` does.
  ///
  /// - Parameters:
  ///   - folder: of this run's own; made when missing.
  ///   - title: one line for people, such as the names of encoder and data.
  ///   - host: name of the machine, for the event file's name.
  ///   - reading: asked for the clock whenever something is written.
  /// - Throws: what the other throws, and `TrainingError.io`, or `.invalidData`, of the watcher.
  public func run(
    watchedIn folder: URL, titled title: String, host: String = "localhost",
    reading: @escaping () -> MachineReading, development: DevelopmentSet? = nil,
    checkpoints: URL? = nil, resume: Bool = false, shouldStop: @Sendable () -> Bool = { false },
    encoding: (CorpusProgress) -> Void = { _ in },
    progress: (StepProgress) throws -> Void = { _ in }, warning: (String) -> Void = { _ in }
  ) throws -> TrainingOutcome {
    var watcher: RunWatcher?
    var saidBefore: [String] = []
    var failure: TrainingError?
    let outcome = try run(
      development: development, checkpoints: checkpoints, resume: resume,
      clock: { reading().seconds }, shouldStop: shouldStop,
      started: { step in
        let begun = try RunWatcher(
          folder: folder, run: description(titled: title), resumeStep: step, reading: reading(),
          host: host)
        for message in saidBefore { try begun.tell(message, reading()) }
        watcher = begun
      }, encoding: encoding,
      progress: { step in
        if let failure { throw failure }
        try watcher?.record(step, reading())
        try progress(step)
      },
      warning: { message in
        warning(message)
        guard let watcher else { return saidBefore.append(message) }
        do throws(TrainingError) {
          try watcher.warn(message, reading())
        } catch {
          failure = error
        }
      })
    try watcher?.finish(outcome, reading())
    return outcome
  }
}
