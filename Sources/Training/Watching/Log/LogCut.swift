import Foundation

/// How much of a log stays when its run goes on after a step.
struct LogCut: Equatable {
  /// Bytes of the lines that stay; 0 when there is no whole first line.
  private(set) var bytes = 0
  /// Whole lines that go.
  private(set) var droppedLines = 0
  /// The last step that stays; 0 when none does.
  private(set) var lastStep = 0
  /// Tokens seen and seconds of training up to it.
  private(set) var tokens = 0, seconds = 0.0

  /// What of the log `text`, found at `path`, belongs to the first `step` steps.
  ///
  /// A last line without an end was being written when the process was killed; it goes, as does
  /// everything after a line that cannot be read.
  ///
  /// - Throws: `TrainingError.invalidData` when the first line is not that of a log.
  init(_ text: Data, after step: Int, path: String) throws(TrainingError) {
    let lines = text.split(separator: newline, omittingEmptySubsequences: false).dropLast()
    let beginning = Data(#"{"kind":"run","format":"freshet"#.utf8)
    let first = lines.first ?? text
    guard beginning.starts(with: first.prefix(beginning.count)) else {
      throw TrainingError(.invalidData, "\(path):1 begins no training log; move the file away")
    }
    guard !lines.isEmpty else { return }
    guard step > 0 else {
      droppedLines = lines.count
      return
    }
    bytes = first.count + 1
    for (index, line) in lines.enumerated().dropFirst() {
      guard let read = Self.read(line), keep(read, upTo: step) else {
        droppedLines = lines.count - index
        return
      }
      bytes += line.count + 1
    }
  }

  private static func read(_ line: Data) -> LogLine? {
    try? JSONDecoder.log.decode(LogLine.self, from: line)
  }

  /// Whether a line belongs to the first `step` steps; takes note of it when it does.
  private mutating func keep(_ line: LogLine, upTo step: Int) -> Bool {
    switch line {
    case .step(let found):
      guard found.step <= step else { return false }
      lastStep = found.step
      tokens = found.tokensSeen
      seconds = found.clock.seconds
      return true
    case .evaluation(let found): return found.step <= step
    case .warning(let found), .session(let found): return found.step <= step
    case .run, .outcome: return false
    }
  }
}

private let newline = UInt8(ascii: "\n")
