import ArgumentParser
import Foundation
import Freshet

struct Status: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Say what a collection holds.",
    discussion: "Example: freshet status my.freshet --json")

  @OptionGroup var target: CollectionArgument
  @OptionGroup var output: JSONFlag

  func run() throws {
    let status = try target.open().status()
    if output.json { return try printJSON(status) }
    print(
      "\(status.passages) passages, \(status.pending) of them without an embedding of their present text"
    )
    var rows = [["  generation", "encoder", "encoded", "corrected", "made"]]
    for generation in status.generations {
      rows.append([
        (generation.id == status.active ? "* " : "  ") + "\(generation.id)",
        String(generation.encoder.prefix(12)), "\(generation.encoded)", "\(generation.corrected)",
        generation.createdAt.ISO8601Format(),
      ])
    }
    print(table(rows))
    for encoder in status.encoders {
      print(
        "encoder \(encoder.fingerprint.prefix(12)): \(encoder.name), \(encoder.dimension) dimensions"
      )
    }
  }
}

struct Rollback: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Go back to the generation that was active before.",
    discussion: "Nothing is computed and nothing is lost.\n\nExample: freshet rollback my.freshet")

  @OptionGroup var target: CollectionArgument
  @OptionGroup var output: JSONFlag

  func run() throws {
    let summary = try target.openForWriting().rollback()
    if output.json { return try printJSON(summary) }
    print("generation \(summary.generation) is active: \(summary.passages) passages")
  }
}

struct Verify: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check every file of a collection against what is recorded of it.",
    discussion: "Exit status 1 when something is damaged.\n\nExample: freshet verify my.freshet")

  @OptionGroup var target: CollectionArgument
  @OptionGroup var output: JSONFlag

  func run() throws {
    let findings = try target.open().verify()
    if output.json {
      try printJSON(findings)
    } else {
      for finding in findings {
        print("\(finding.ok ? "ok     " : "DAMAGED") \(finding.subject): \(finding.detail)")
      }
    }
    if findings.contains(where: { !$0.ok }) { throw ExitCode(1) }
  }
}
