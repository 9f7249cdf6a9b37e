internal import Glibc
internal import Synchronization
internal import COpenBLAS

/// Our own compute threads: a fork-join loop used by everything numeric in Freshet.
///
/// OpenBLAS is kept single-threaded under them, so that the two never compete for cores. A loop
/// started from inside another loop runs in place: the outer split is the one that counts.
public enum Threads {
  /// Number of threads a loop may use, the calling one included. At first, the number of cores.
  public static var count: Int { Pool.shared.limit.load(ordering: .relaxed) }

  /// Lets loops use `threads` threads from now on (1 or more).
  public static func use(_ threads: Int) {
    precondition(threads >= 1, "at least one thread is needed, not \(threads)")
    Pool.shared.limit.store(threads, ordering: .relaxed)
  }

  /// Whether this is running inside the body of a loop, where further loops run in place.
  static var isInsideLoop: Bool { Pool.isInsideLoop }

  /// Runs `body(0)`, …, `body(n - 1)`, each once, in any order, and waits for all.
  public static func forEach(_ n: Int, _ body: @Sendable (Int) -> Void) {
    guard n > 1, count > 1, !Pool.isInsideLoop else {
      for i in 0..<max(n, 0) { body(i) }
      return
    }
    Pool.shared.run(n, body)
  }

  /// Splits `0..<count` into one nearly equal range per thread, none shorter than `minimum`
  /// (unless it is the only one), and runs `body` on each.
  public static func forEachRange(
    of count: Int, minimum: Int, _ body: @Sendable (Range<Int>) -> Void
  ) {
    let parts = max(1, min(Threads.count, count / max(minimum, 1)))
    forEach(parts) { part in
      body(count * part / parts..<count * (part + 1) / parts)
    }
  }
}

/// Threads that sleep until a loop arrives. One loop runs at a time; a second caller meanwhile
/// runs its own loop in place rather than wait.
///
/// Who waits looks around for a moment before it sleeps: the layers of a single short text are
/// loops of some ten microseconds, one after the other, and to be woken takes as long.
///
/// @unchecked Sendable: `job` and `workers` are read and written under `mutex` only, the counts are
/// atomic, and the rest never changes.
@safe private final class Pool: @unchecked Sendable {
  static let shared = Pool()
  let limit: Atomic<Int>

  private struct Job {
    let body: @Sendable (Int) -> Void
    let count: Int
    var next = 0
    var unfinished: Int
    var helpersWanted: Int
  }
  private var job: Job?
  private var workers = 0
  /// Counts loops begun and bodies finished, for those who look without the mutex.
  private let begun = Atomic<Int>(0)
  private let finished = Atomic<Int>(0)
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let turn = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let wake = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private let done = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

  private init() {
    openblas_set_num_threads(1)
    limit = Atomic(max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))))
    unsafe pthread_mutex_init(mutex, nil)
    unsafe pthread_mutex_init(turn, nil)
    unsafe pthread_cond_init(wake, nil)
    unsafe pthread_cond_init(done, nil)
  }

  /// True on a thread that is running the body of a loop.
  static var isInsideLoop: Bool { unsafe pthread_getspecific(key) != nil }
  private static let key: pthread_key_t = {
    var key = pthread_key_t()
    unsafe pthread_key_create(&key, nil)
    return key
  }()
  private static func markInside(_ inside: Bool) {
    unsafe pthread_setspecific(key, inside ? UnsafeRawPointer(bitPattern: 1) : nil)
  }

  func run(_ n: Int, _ body: @Sendable (Int) -> Void) {
    guard unsafe pthread_mutex_trylock(turn) == 0 else {
      for i in 0..<n { body(i) }
      return
    }
    defer { unsafe pthread_mutex_unlock(turn) }
    withoutActuallyEscaping(body) { escaping in
      unsafe pthread_mutex_lock(mutex)
      let helpers = min(limit.load(ordering: .relaxed), n) - 1
      while workers < helpers { startWorker() }
      job = Job(body: escaping, count: n, unfinished: n, helpersWanted: helpers)
      finished.store(0, ordering: .relaxed)
      begun.add(1, ordering: .relaxed)
      unsafe pthread_cond_broadcast(wake)
      work()
      lookAround(until: { finished.load(ordering: .relaxed) == n })
      while let current = job, current.unfinished > 0 { unsafe pthread_cond_wait(done, mutex) }
      job = nil
      unsafe pthread_mutex_unlock(mutex)
    }
  }

  /// Takes indices until none is left. Called and left with `mutex` held.
  private func work() {
    Pool.markInside(true)
    while let current = job, current.next < current.count {
      job?.next += 1
      unsafe pthread_mutex_unlock(mutex)
      current.body(current.next)
      unsafe pthread_mutex_lock(mutex)
      job?.unfinished -= 1
      finished.add(1, ordering: .relaxed)
    }
    Pool.markInside(false)
    if job?.unfinished == 0 { unsafe pthread_cond_signal(done) }
  }

  private func startWorker() {
    workers += 1
    var thread = pthread_t()
    let pool = unsafe Unmanaged.passUnretained(self).toOpaque()
    let status = unsafe pthread_create(&thread, nil, { raw in
      unsafe Unmanaged<Pool>.fromOpaque(raw!).takeUnretainedValue().serve()  // set two lines below
      return nil
    }, pool)
    if status == 0 { pthread_detach(thread) }
  }

  private func serve() {
    unsafe pthread_mutex_lock(mutex)
    while true {
      if takePart() { continue }
      let seen = begun.load(ordering: .relaxed)
      lookAround(until: { begun.load(ordering: .relaxed) != seen })
      if !takePart() { unsafe pthread_cond_wait(wake, mutex) }
    }
  }

  /// Helps with the present loop, if it wants help.
  private func takePart() -> Bool {
    guard let current = job, current.helpersWanted > 0, current.next < current.count else {
      return false
    }
    job?.helpersWanted -= 1
    work()
    return true
  }

  /// Gives the mutex away for a moment, shorter when `condition` comes true; other threads that
  /// want the core get it. Called and left with `mutex` held.
  private func lookAround(until condition: () -> Bool) {
    unsafe pthread_mutex_unlock(mutex)
    for _ in 0..<Pool.looks where !condition() { sched_yield() }
    unsafe pthread_mutex_lock(mutex)
  }

  /// About 50 microseconds on an idle machine.
  private static let looks = 200
}
