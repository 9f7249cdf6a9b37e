public import Foundation

/// The log of a run, `train.jsonl`: a JSON object per line, the run first, then steps, evaluations
/// and warnings as they come, the outcome last.
///
/// Every line but the first has a member `clock` with what depends on machine and hour. Without it,
/// and without lines of the kind `session`, the log of a run that was killed and resumed equals
/// that of a run left alone; see ``repeatableLines(of:)``.
public struct TrainingLog {
  /// The log's name in the run's folder.
  public static let name = "train.jsonl"

  private let file: AppendOnlyFile
  /// What was kept of the log of earlier sessions.
  let kept: LogCut

  /// Opens the log in `folder` and cuts off the lines after `step`, the last one done.
  ///
  /// - Throws: `TrainingError`: `.io` with the path; `.invalidData` when the file there is no log.
  static func open(
    _ folder: URL, _ run: RunDescription, resumeStep step: Int
  ) throws(TrainingError) -> TrainingLog {
    let url = folder.appending(path: name)
    let text = try reportingIO("cannot read \(url.path)") {
      FileManager.default.fileExists(atPath: url.path) ? try Data(contentsOf: url) : Data()
    }
    let cut = try LogCut(text, after: step, path: url.path)
    let log = TrainingLog(file: try AppendOnlyFile(url, keeping: cut.bytes), kept: cut)
    if cut.bytes == 0 { try log.append { try LogLine.text(of: run) } }
    return log
  }

  private init(file: AppendOnlyFile, kept: LogCut) {
    self.file = file
    self.kept = kept
  }

  /// Adds a step, and the evaluation after it when there was one.
  func record(_ progress: StepProgress, _ clock: LogClock) throws(TrainingError) {
    try append { try LogLine.text(of: progress, clock) }
    guard let score = progress.evaluation else { return }
    var clock = clock
    (clock.tokensPerSecond, clock.stepSeconds) = (nil, nil)
    try append { [clock] in try LogLine.text(of: score, step: progress.step, clock) }
  }

  /// Adds what was said while the run did `step`, or about a session that goes on after it.
  func record(
    _ message: String, _ kind: LogLine.Kind, step: Int, _ clock: LogClock
  ) throws(TrainingError) {
    try append { try LogLine.text(of: message, kind, step: step, clock) }
  }

  /// Adds the last line.
  func record(_ outcome: LoggedOutcome) throws(TrainingError) {
    try append { try LogLine.text(of: outcome) }
    try synchronize()
  }

  /// Waits until the log would outlive a power cut.
  func synchronize() throws(TrainingError) { try file.synchronize() }

  private func append(_ text: () throws -> Data) throws(TrainingError) {
    try file.append(reportingIO("cannot put a line of \(file.url.path) into JSON", text))
  }
}

extension TrainingLog {
  /// What of a log is the same whenever the run is repeated, on the same number of threads: its
  /// lines without `clock`, members sorted, without those of the kind `session`.
  ///
  /// - Parameter text: a whole log.
  /// - Throws: `DecodingError` when a line is not a JSON object.
  public static func repeatableLines(of text: Data) throws -> [String] {
    try text.split(separator: UInt8(ascii: "\n")).compactMap { line in
      var members = try JSONDecoder.log.decode([String: LoggedValue].self, from: line)
      guard members["kind"] != .text(LogLine.Kind.session.rawValue) else { return nil }
      members["clock"] = nil
      return String(decoding: try JSONEncoder.log.encode(members), as: UTF8.self)
    }
  }
}
