import Foundation
import TestSupport
import Testing

/// What a run of the command came to.
struct Outcome {
  let status: Int32
  /// True when a signal ended it; `status` is then the signal's number.
  let wasKilled: Bool
  let output: String
  let errors: String

  /// Lines on standard error that are not progress.
  var errorLines: [String] {
    errors.split(separator: "\n").map(String.init).filter { line in
      !Self.phases.contains { line.hasPrefix($0 + " ") }
    }
  }
  var lines: [String] { output.split(separator: "\n").map(String.init) }

  private static let phases = [
    "reading", "encoding", "fitting", "writing", "indexing", "searching", "mining", "step",
  ]
}

/// The built `freshet`, run as a process of its own.
enum Command {
  /// It lies beside the bundle of the tests.
  static let executable: URL = {
    let tests = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    return tests.deletingLastPathComponent().appending(path: "freshet")
  }()

  /// Runs the command to its end.
  ///
  /// - Parameter shell: runs before the command in the same process, such as `ulimit -f 8`.
  static func run(
    _ arguments: [String], input: String = "", shell: String? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
  ) async throws -> Outcome {
    try #require(
      FileManager.default.isExecutableFile(atPath: executable.path),
      "\(executable.path) is not built", sourceLocation: sourceLocation)
    let folder = try TemporaryFolder()
    let process = Process()
    if let shell {
      process.executableURL = URL(fileURLWithPath: "/bin/bash")
      process.arguments =
        ["-c", shell + "; exec env --default-signal=XFSZ \"$0\" \"$@\"", executable.path]
        + arguments
    } else {
      process.executableURL = executable
      process.arguments = arguments
    }
    let input = try FileHandle(
      forReadingFrom: URL(fileURLWithPath: try folder.write(input, to: "in")))
    process.standardInput = input
    let (output, errors) = (try Self.file("out", folder), try Self.file("err", folder))
    process.standardOutput = output
    process.standardError = errors
    await withCheckedContinuation { (ended: CheckedContinuation<Void, Never>) in
      process.terminationHandler = { _ in ended.resume() }
      do { try process.run() } catch {
        Issue.record(error, sourceLocation: sourceLocation)
        process.terminationHandler = nil
        ended.resume()
      }
    }
    return Outcome(
      status: process.terminationStatus, wasKilled: process.terminationReason == .uncaughtSignal,
      output: try String(contentsOfFile: folder.path("out"), encoding: .utf8),
      errors: try String(contentsOfFile: folder.path("err"), encoding: .utf8))
  }

  static func file(_ name: String, _ folder: TemporaryFolder) throws -> FileHandle {
    try folder.write("", to: name)
    return try FileHandle(forWritingTo: URL(fileURLWithPath: folder.path(name)))
  }

  /// Runs the command, which must succeed, and returns what it printed.
  @discardableResult
  static func ok(
    _ arguments: String..., input: String = "", sourceLocation: SourceLocation = #_sourceLocation
  ) async throws -> Outcome {
    let outcome = try await run(arguments, input: input, sourceLocation: sourceLocation)
    #expect(
      outcome.status == 0 && !outcome.wasKilled, "\(arguments): \(outcome.errors)",
      sourceLocation: sourceLocation)
    return outcome
  }

  /// Runs the command, which must print one JSON value.
  static func json(
    _ arguments: String..., sourceLocation: SourceLocation = #_sourceLocation
  ) async throws -> [String: Any] {
    let outcome = try await run(arguments + ["--json"], sourceLocation: sourceLocation)
    #expect(outcome.status == 0, "\(arguments): \(outcome.errors)", sourceLocation: sourceLocation)
    #expect(outcome.lines.count == 1, "one object", sourceLocation: sourceLocation)
    let value = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8))
    return try #require(value as? [String: Any], sourceLocation: sourceLocation)
  }

  /// Runs the command, which must fail with status 1 and one line that holds all of `words`.
  @discardableResult
  static func fails(
    _ arguments: [String], _ words: String..., input: String = "", shell: String? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
  ) async throws -> String {
    let outcome = try await run(
      arguments, input: input, shell: shell, sourceLocation: sourceLocation)
    #expect(outcome.status == 1, "\(outcome.errors)", sourceLocation: sourceLocation)
    #expect(!outcome.wasKilled, "signal \(outcome.status)", sourceLocation: sourceLocation)
    #expect(outcome.output.isEmpty, "\(outcome.output)", sourceLocation: sourceLocation)
    #expect(outcome.errorLines.count == 1, "\(outcome.errors)", sourceLocation: sourceLocation)
    let line = outcome.errorLines.first ?? ""
    #expect(line.hasPrefix("freshet: "), "\(line)", sourceLocation: sourceLocation)
    for word in words {
      #expect(line.contains(word), "\(line)", sourceLocation: sourceLocation)
    }
    for ugly in ["Error Domain", "UserInfo", "NSCocoa", "Code="] {
      #expect(!line.contains(ugly), "\(line)", sourceLocation: sourceLocation)
    }
    return line
  }

  /// Runs the command, whose usage must be refused with status 2.
  static func isWrongUsage(
    _ arguments: [String], _ words: String..., sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    let outcome = try await run(arguments, sourceLocation: sourceLocation)
    #expect(outcome.status == 2, "\(arguments): \(outcome.errors)", sourceLocation: sourceLocation)
    #expect(outcome.output.isEmpty, sourceLocation: sourceLocation)
    for word in words {
      #expect(outcome.errors.contains(word), "\(outcome.errors)", sourceLocation: sourceLocation)
    }
  }
}
