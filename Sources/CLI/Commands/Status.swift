import ArgumentParser
import Foundation
import Freshet

struct Status: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Say what a collection holds.",
    discussion: """
      --canary encodes some passages now, the same ones every time, and says how far the \
      embeddings that are served lie from that: with the generation's own encoder, how exact \
      corrected ones are; with a newer one by --encoder, how stale they are, and so whether a \
      refresh is due.

      Example: freshet status my.freshet --json
               freshet status my.freshet --canary 200
               freshet status my.freshet --canary 200 --encoder encoder-b
      """)

  @OptionGroup var target: CollectionArgument
  @Option(help: "Encode so many passages and compare them with what is served.")
  var canary: Int?
  @Option(help: "Folder of the encoder for --canary (default: the generation's own).")
  var encoder: String?
  @OptionGroup var details: EncoderDetails
  @OptionGroup var output: JSONFlag

  func validate() throws {
    try require(canary, atLeast: 1, "--canary")
    if encoder != nil, canary == nil {
      throw ValidationError("--encoder encodes canaries: give their number by --canary.")
    }
  }

  func run() throws {
    let collection = try target.open(details.precision.precision)
    let status = try collection.status()
    let canary = try canary.map { count in
      try collection.canaryDrift(
        count: count, encoder: encoder.map { try details.load($0) }, progress: Console.progress,
        shouldStop: Interrupt.watch())
    }
    if output.json { return try printJSON(StatusReport(status: status, canary: canary)) }
    print(StatusReport.words(status))
    if let canary { print(StatusReport.words(canary)) }
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
