internal import Synchronization

/// The bytes of all matrices of this process, mapped files aside.
///
/// What a plan of memory is checked against: the resident size of a process also holds what the
/// allocator keeps, code, and other libraries.
public enum MatrixMemory {
  private static let live = Atomic<Int>(0)
  private static let peak = Atomic<Int>(0)

  /// Bytes held now.
  public static var liveBytes: Int { live.load(ordering: .relaxed) }

  /// The most bytes held at once since the last ``resetPeak()``.
  public static var peakBytes: Int { peak.load(ordering: .relaxed) }

  /// Begins a new measurement of the peak at what is held now.
  public static func resetPeak() { peak.store(liveBytes, ordering: .relaxed) }

  static func add(_ bytes: Int) {
    let now = live.add(bytes, ordering: .relaxed).newValue
    if bytes > 0 { peak.max(now, ordering: .relaxed) }
  }
}
