import Foundation

/// What this process has used of the machine.
enum ProcessUsage {
  /// The most memory resident at once, in bytes; 0 when the system does not tell.
  ///
  /// From the kernel's own line for this program: what `getrusage` says includes the program that
  /// started it.
  static var peakBytes: Int { status("VmHWM:") }

  /// The memory that is resident now, in bytes; 0 when the system does not tell.
  static var residentBytes: Int { status("VmRSS:") }

  /// A line of the kernel's facts on this process, in bytes.
  private static func status(_ name: String) -> Int {
    guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8),
      let line = status.split(separator: "\n").first(where: { $0.hasPrefix(name) }),
      let kibibytes = line.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first
    else { return 0 }
    return (Int(kibibytes) ?? 0) * 1024
  }

  /// Seconds of computing on all threads together, in user and system.
  static var cpuSeconds: Double {
    var usage = rusage()
    guard getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 else { return 0 }
    return [usage.ru_utime, usage.ru_stime].reduce(0) {
      $0 + Double($1.tv_sec) + 1e-6 * Double($1.tv_usec)
    }
  }
}
