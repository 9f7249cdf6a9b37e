internal import Glibc

/// Counts the bytes of matrices: what a plan of memory is checked against.
///
/// The resident size of a process says less, for it also holds what the allocator keeps, code, and
/// other libraries.
public enum MatrixMemory {
  /// Bytes that large matrices hold now, the most they held at once, and what is kept for the next
  /// ones. Held and kept together are never more than the most.
  public static var large: (held: Int, most: Int, kept: Int) {
    let sizes = PagePool.shared.sizes
    return (sizes.live, sizes.mostLive, sizes.unused)
  }

  /// Returns to the system what is kept for the next large matrices: after a long computation,
  /// when the next thing is another one.
  public static func releaseKept() { PagePool.shared.release() }

  /// Runs `body` and returns the most bytes held at once by matrices that this thread made
  /// meanwhile. Memory mapped from files does not count.
  public static func peakBytes(during body: () throws -> Void) rethrows -> Int {
    let (outer, tally) = (Tally.current, Tally())
    Tally.current = tally
    defer { Tally.current = outer }
    try body()
    return tally.peak
  }

  /// Told by buffers: bytes allocated, or freed when negative.
  static func add(_ bytes: Int) {
    guard let tally = Tally.current else { return }
    tally.live += bytes
    tally.peak = max(tally.peak, tally.live)
  }
}

/// The count of one measurement; used by its own thread only.
private final class Tally {
  var live = 0
  var peak = 0

  /// The measurement that is under way on this thread, if any.
  static var current: Tally? {
    get {
      unsafe pthread_getspecific(key).map {
        unsafe Unmanaged<Tally>.fromOpaque($0).takeUnretainedValue()
      }
    }
    set {
      // Not retained: whoever measures holds it until the measurement ends.
      unsafe pthread_setspecific(key, newValue.map { unsafe Unmanaged.passUnretained($0).toOpaque() })
    }
  }

  private static let key: pthread_key_t = {
    var key = pthread_key_t()
    unsafe pthread_key_create(&key, nil)
    return key
  }()
}
