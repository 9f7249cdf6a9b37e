public import Foundation
public import Training

/// Where a run writes down how it goes, and the clock it reads for that.
public struct TrainingJournal: Sendable {
  /// Gets `train.jsonl`, TensorBoard's event files and `report.html`; made when missing.
  public var folder: URL
  /// One line for people, such as the names of encoder and data.
  public var title: String
  /// What clock and system say now.
  public var reading: @Sendable () -> MachineReading

  public init(folder: URL, title: String, reading: @escaping @Sendable () -> MachineReading) {
    self.folder = folder
    self.title = title
    self.reading = reading
  }
}

/// Tells a run's watcher, if there is one, what the trainer reports.
///
/// What the trainer warns of before its first step is kept until the watcher knows the step.
final class JournalKeeper {
  private let journal: TrainingJournal?
  private let run: RunDescription?
  private let warning: (String) -> Void
  private var watcher: RunWatcher?
  private var early: [String] = []
  private var failure: (any Error)?

  init(_ journal: TrainingJournal?, _ trainer: Trainer, warning: @escaping (String) -> Void) {
    self.journal = journal
    run = journal.map { trainer.description(titled: $0.title) }
    self.warning = warning
  }

  func start(after step: Int) throws {
    guard let journal, let run else { return }
    let watcher = try RunWatcher(
      folder: journal.folder, run: run, resumeStep: step, reading: journal.reading())
    for message in early { try watcher.tell(message, journal.reading()) }
    self.watcher = watcher
  }

  func record(_ progress: StepProgress) throws {
    if let failure { throw failure }
    guard let journal else { return }
    try watcher?.record(progress, journal.reading())
  }

  /// Passes a warning on. A log that cannot be written stops the run at its next step.
  func warn(_ message: String) {
    warning(message)
    guard let journal, let watcher else { return early.append(message) }
    do { try watcher.warn(message, journal.reading()) } catch { failure = error }
  }

  func finish(_ outcome: TrainingOutcome) throws {
    guard let journal else { return }
    try watcher?.finish(outcome, journal.reading())
  }
}
