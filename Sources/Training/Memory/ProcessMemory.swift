import Foundation

/// What the kernel says this process has in memory; zeros where it does not tell.
struct ProcessMemory: Sendable, Equatable {
  /// Bytes resident now, and the most there ever were.
  let resident: Int, peak: Int

  static var current: ProcessMemory {
    let text = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    return ProcessMemory(status: text)
  }

  /// - Parameter status: the text of `/proc/self/status`.
  init(status: String) {
    func bytes(_ name: String) -> Int {
      let line = status.split(separator: "\n").first { $0.hasPrefix(name + ":") } ?? ""
      let words = line.split { $0 == " " || $0 == "\t" }
      return (words.count > 1 ? Int(words[1]) ?? 0 : 0) * 1024
    }
    (resident, peak) = (bytes("VmRSS"), bytes("VmHWM"))
  }
}
