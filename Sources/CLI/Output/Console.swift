import Foundation
import Freshet
import Synchronization

/// What goes to the terminal beside results: progress and notices, all on standard error.
enum Console {
  private static let isTerminal = isatty(STDERR_FILENO) == 1
  private static let state = Mutex(State())

  private struct State {
    var lineIsOpen = false
    var lastDrawn = Date.distantPast
    var phase: WorkProgress.Phase?
    var phaseStarted = Date()
    var lastTenth = -1
  }

  /// One line on standard error.
  static func say(_ text: String) {
    endLine()
    put(text + "\n")
  }

  /// Ends a progress line, if one is being drawn.
  static func endLine() {
    state.withLock { state in
      if state.lineIsOpen { put("\n") }
      state.lineIsOpen = false
    }
  }

  /// A log that cannot be written (a full disk, a closed pipe) is no reason to end the work.
  private static func put(_ text: String) {
    try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
  }

  /// Draws progress: one moving line on a terminal, a plain line each tenth elsewhere.
  static let progress: ProgressHandler = { step in
    state.withLock { draw(step, &$0, now: Date()) }
  }

  private static func draw(_ step: WorkProgress, _ state: inout State, now: Date) {
    if state.phase != step.phase || step.done < 1 {
      if state.lineIsOpen { put("\n") }
      state = State(phase: step.phase, phaseStarted: now)
    }
    let finished = step.done >= step.total
    if isTerminal {
      guard finished || now.timeIntervalSince(state.lastDrawn) > 0.1 else { return }
      state.lastDrawn = now
      let line = "\r\u{1B}[K" + text(step, since: state.phaseStarted, now: now)
      put(line)
      state.lineIsOpen = !finished
      if finished { put("\n") }
    } else {
      let tenth = step.total > 0 ? step.done * 10 / step.total : 10
      guard tenth > state.lastTenth else { return }
      state.lastTenth = tenth
      let line = text(step, since: state.phaseStarted, now: now) + "\n"
      put(line)
    }
  }

  private static func text(_ step: WorkProgress, since start: Date, now: Date) -> String {
    let seconds = max(now.timeIntervalSince(start), 1e-3)
    let share = step.total > 0 ? Double(step.done) / Double(step.total) : 1
    var text = String(
      format: "%@ %d of %d (%.0f%%)", step.phase.rawValue, step.done, step.total, 100 * share)
    if let tokens = step.tokens, seconds > 0.5 {
      text += String(format: ", %.0f tokens/s", Double(tokens) / seconds)
    }
    if share > 0, share < 1, seconds > 0.5 {
      text += String(format: ", %.0f s left", seconds / share * (1 - share))
    }
    return text
  }
}
