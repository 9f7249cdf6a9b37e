public import Foundation

/// Writes down how a run goes, for people and programs to watch: the log `train.jsonl`, an event
/// file for TensorBoard, and at the end a report for the browser, `report.html`.
///
/// All of it is in one folder, which TensorBoard may be pointed at. What is written belongs to the
/// system when a call returns, so that a killed process loses nothing; whenever a checkpoint is due
/// it is flushed to disk, so that the log is never behind the checkpoint.
public final class RunWatcher {
  private let log: TrainingLog
  private let events: EventFileWriter
  private let folder: URL
  private let checkpointEvery: Int
  /// The last step done, tokens seen up to it if they are known, and seconds of training.
  private var last: (step: Int, tokens: Int?, seconds: Double)
  /// Seconds of training in earlier sessions.
  private let earlierSeconds: Double

  /// Begins a session of a run.
  ///
  /// - Parameters:
  ///   - folder: of this run's own; made when missing.
  ///   - run: what is run.
  ///   - resumeStep: the last step done, 0 at the beginning. What the log has of later steps is cut
  ///     off.
  ///   - reading: the clock now.
  ///   - host: name of the machine, for the event file's name.
  /// - Throws: `TrainingError`: `.io` with the path; `.invalidData` when a file of the log's name
  ///   is none.
  public init(
    folder: URL, run: RunDescription, resumeStep: Int, reading: MachineReading,
    host: String = "localhost"
  ) throws(TrainingError) {
    try reportingIO("cannot create \(folder.path)") {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }
    self.folder = folder
    checkpointEvery = run.configuration.checkpointEvery
    log = try TrainingLog.open(folder, run, resumeStep: resumeStep)
    events = try EventFileWriter(
      folder, resumeStep: resumeStep, time: reading.time, host: host)
    earlierSeconds = log.kept.seconds
    let tokens = log.kept.lastStep == resumeStep ? log.kept.tokens : nil
    last = (resumeStep, tokens, log.kept.seconds)
    if resumeStep > 0 { try tell(log.kept.summary(resumeStep: resumeStep), reading) }
  }

  /// Records a step, and the evaluation after it when there was one.
  ///
  /// - Parameter reading: when the step was done.
  /// - Throws: `TrainingError.io` with the path.
  public func record(_ progress: StepProgress, _ reading: MachineReading) throws(TrainingError) {
    var clock = clock(reading)
    let seconds = clock.seconds - last.seconds
    if let tokens = last.tokens, seconds > 0 {
      clock.tokensPerSecond = Double(progress.tokensSeen - tokens) / seconds
    }
    clock.stepSeconds = progress.seconds
    try log.record(progress, clock)
    try events.append(
      .scalars(progress.scalars(clock)), step: progress.step, time: reading.time)
    last = (progress.step, progress.tokensSeen, clock.seconds)
    if checkpointEvery > 0, progress.step % checkpointEvery == 0 { try log.synchronize() }
  }

  /// Records what did not stop the run, as said while it did the step after the last one recorded.
  ///
  /// - Throws: `TrainingError.io` with the path.
  public func warn(_ message: String, _ reading: MachineReading) throws(TrainingError) {
    try log.record(message, .warning, step: last.step + 1, clock(reading))
  }

  /// Records what concerns this session and not the run, such as a checkpoint that was damaged.
  ///
  /// - Throws: `TrainingError.io` with the path.
  public func tell(_ message: String, _ reading: MachineReading) throws(TrainingError) {
    try log.record(message, .session, step: last.step, clock(reading))
  }

  /// Records what the run, or this session of it, came to, and writes the report.
  ///
  /// - Returns: where the report is.
  /// - Throws: `TrainingError`: `.io` with the path; `.invalidData` when the log was tampered with.
  @discardableResult
  public func finish(
    _ outcome: TrainingOutcome, _ reading: MachineReading
  ) throws(TrainingError) -> URL {
    try log.record(LoggedOutcome(outcome, clock: clock(reading)))
    let report = folder.appending(path: TrainingReport.name)
    try TrainingReport(reading: folder.appending(path: TrainingLog.name)).write(to: report)
    return report
  }

  private func clock(_ reading: MachineReading) -> LogClock {
    LogClock(
      time: reading.time, seconds: earlierSeconds + reading.seconds,
      memoryBytes: reading.residentBytes)
  }
}

extension LogCut {
  /// What became of the log when the run went on, in words.
  fileprivate func summary(resumeStep: Int) -> String {
    var text = "resumed after step \(resumeStep)"
    if droppedLines > 0 { text += "; \(droppedLines) lines of later steps left out" }
    if lastStep < resumeStep { text += "; steps \(lastStep + 1) to \(resumeStep) are not logged" }
    return text
  }
}
