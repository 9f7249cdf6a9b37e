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
    FileHandle.standardError.write(Data((text + "\n").utf8))
  }

  /// Ends a progress line, if one is being drawn.
  static func endLine() {
    state.withLock { state in
      if state.lineIsOpen { FileHandle.standardError.write(Data("\n".utf8)) }
      state.lineIsOpen = false
    }
  }

  /// Draws progress: one moving line on a terminal, a plain line each tenth elsewhere.
  static let progress: ProgressHandler = { step in
    state.withLock { draw(step, &$0, now: Date()) }
  }

  private static func draw(_ step: WorkProgress, _ state: inout State, now: Date) {
    if state.phase != step.phase || step.done < 1 {
      if state.lineIsOpen { FileHandle.standardError.write(Data("\n".utf8)) }
      state = State(phase: step.phase, phaseStarted: now)
    }
    let finished = step.done >= step.total
    if isTerminal {
      guard finished || now.timeIntervalSince(state.lastDrawn) > 0.1 else { return }
      state.lastDrawn = now
      let line = "\r\u{1B}[K" + text(step, since: state.phaseStarted, now: now)
      FileHandle.standardError.write(Data(line.utf8))
      state.lineIsOpen = !finished
      if finished { FileHandle.standardError.write(Data("\n".utf8)) }
    } else {
      let tenth = step.total > 0 ? step.done * 10 / step.total : 10
      guard tenth > state.lastTenth else { return }
      state.lastTenth = tenth
      let line = text(step, since: state.phaseStarted, now: now) + "\n"
      FileHandle.standardError.write(Data(line.utf8))
    }
  }

  private static func text(_ step: WorkProgress, since start: Date, now: Date) -> String {
    let seconds = max(now.timeIntervalSince(start), 1e-3)
    let share = step.total > 0 ? Double(step.done) / Double(step.total) : 1
    var text = String(
      format: "%@ %d of %d (%.0f%%)", step.phase.rawValue, step.done, step.total, 100 * share)
    if let tokens = step.tokens {
      text += String(format: ", %.0f tokens/s", Double(tokens) / seconds)
    }
    if share > 0, share < 1 {
      text += String(format: ", %.0f s left", seconds / share * (1 - share))
    }
    return text
  }
}
