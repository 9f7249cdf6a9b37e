internal import Synchronization

/// Counts the requests that were let in and not yet answered, and lets no more than `limit` in.
final class RequestGate: Sendable {
  let limit: Int
  private let entered = Mutex(0)

  init(limit: Int) {
    precondition(limit > 0, "RequestGate: the limit must be positive, was \(limit)")
    self.limit = limit
  }

  /// Takes a place. - Throws: `RequestFailure` (429) when all places are taken.
  func enter() throws(RequestFailure) {
    let isIn = entered.withLock { count in
      guard count < limit else { return false }
      count += 1
      return true
    }
    guard isIn else {
      throw RequestFailure(
        .overloaded, "\(limit) requests are already in flight; try again in a moment")
    }
  }

  /// Gives the place back; exactly once for every `enter()` that did not throw.
  func leave() {
    entered.withLock { count in
      precondition(count > 0, "RequestGate: left more often than entered")
      count -= 1
    }
  }
}
