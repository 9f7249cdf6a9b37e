import Foundation
import Freshet
import Synchronization

/// Ctrl-C and SIGTERM during a long verb: the first asks for a clean stop, a second one ends at once.
enum Interrupt {
  private static let asked = Atomic(false)

  /// Takes over the signals and returns what a verb asks between blocks of work.
  static func watch() -> StopCheck {
    // A signal handler may call little: an atomic exchange, write and _exit are allowed.
    let handler: @convention(c) (Int32) -> Void = { _ in
      if Interrupt.asked.exchange(true, ordering: .relaxed) { _exit(1) }
      let notice: StaticString = "\nstopping after this block; once more to stop at once\n"
      _ = write(STDERR_FILENO, notice.utf8Start, notice.utf8CodeUnitCount)
    }
    signal(SIGINT, handler)
    signal(SIGTERM, handler)
    return { asked.load(ordering: .relaxed) }
  }
}
