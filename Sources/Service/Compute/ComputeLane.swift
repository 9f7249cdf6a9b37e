internal import NIOPosix

/// Runs blocking work on threads of its own, never on the cooperative pool.
///
/// The queue in front of the threads is bounded by the gate: every admitted request puts at most
/// one piece of work into it.
struct ComputeLane: Sendable {
  let gate: RequestGate
  private let pool: NIOThreadPool

  /// Starts `threads` threads, which run until `shutDown()`.
  init(threads: Int, maximumRequests: Int) {
    gate = RequestGate(limit: maximumRequests)
    pool = NIOThreadPool(numberOfThreads: threads)
    pool.start()
  }

  /// Runs `body` on one of the lane's threads and waits for it without holding a thread.
  func run<T: Sendable>(_ body: @escaping @Sendable () throws -> T) async throws -> T {
    try await pool.runIfActive(body)
  }

  /// Ends the threads after the work they are at.
  func shutDown() async throws {
    try await pool.shutdownGracefully()
  }
}
