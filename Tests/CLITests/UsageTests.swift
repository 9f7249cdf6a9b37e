import ArgumentParser
import Foundation
import TestSupport
import Testing

@testable import CLI

/// Help, wrong usage and exit statuses.
@Suite struct UsageTests {
  static let verbs = Program.configuration.subcommands.map { $0._commandName }

  private static let vectors = [
    "refresh-vectors", "s.npy", "--sample-rows", "r", "--sample-fresh", "f",
  ]

  @Test func allVerbsAreThere() {
    #expect(
      Self.verbs == [
        "add", "delete", "encode", "index", "search", "mine", "train", "plan-memory", "new-encoder",
        "refresh", "refresh-vectors", "rollback", "compact", "export", "import", "status", "verify",
        "eval", "compare", "embed", "tokenize", "bench", "bench-index", "serve",
      ])
  }

  @Test(arguments: verbs) func helpHasAnExample(verb: String) async throws {
    for arguments in [[verb, "--help"], ["help", verb]] {
      let outcome = try await Command.run(arguments)
      #expect(outcome.status == 0)
      #expect(outcome.errors.isEmpty)
      #expect(outcome.output.contains("Example: "), "\(outcome.output)")
      #expect(outcome.output.contains("freshet \(verb) "), "\(outcome.output)")
    }
  }

  @Test func helpAndVersionSucceed() async throws {
    for arguments in [[], ["--help"], ["help"]] {
      let outcome = try await Command.run(arguments)
      #expect(outcome.status == 0, "\(arguments)")
      for verb in Self.verbs { #expect(outcome.output.contains("  \(verb) "), "\(verb)") }
    }
    let version = try await Command.ok("--version")
    #expect(version.output == Program.version + "\n")
  }

  @Test(arguments: [
    ["frobnicate"], ["--frobnicate"], ["add"], ["add", "c"], ["search", "c"],
    ["search", "c", "x", "-k", "0"], ["search", "c", ""], ["search", "c", "x", "-k", "many"],
    ["search", "c", "x", "--queries", "q"], ["search", "c", "x", "-k", "all"],
    ["search", "c", "x", "--offset", "-1"], ["search", "c", "x", "--minimum-score", "nan"],
    ["search", "c", "x", "--filter", "year >"], ["delete", "c"],
    ["delete", "c", "id", "--filter", "id exists"], ["delete", "c", "--filter", "year"],
    ["eval", "c", "--qrels", "q"], ["eval", "--run-in", "r"], ["eval", "--qrels", "q"],
    ["eval", "--run-in", "r", "--qrels", "q", "--run", "o"],
    ["eval", "--run-in", "r", "--qrels", "q", "--metrics", "ndcg"],
    ["eval", "--run-in", "r", "--qrels", "q", "--rules", "mine"],
    ["compare", "a", "--qrels", "q"], ["compare", "a", "b", "--qrels", "q", "--samples", "0"],
    ["compare", "a", "b", "--qrels", "q", "--confidence", "1"],
    ["encode", "c"], ["encode", "c", "--encoder", "e", "--threads", "0"],
    ["refresh", "c", "--encoder", "e", "--queries", "q"],
    ["refresh", "c", "--encoder", "e", "--min-recovery", "1.5"], ["refresh", "c"],
    ["refresh", "c", "--continue", "--encoder", "e"], ["refresh", "c", "--continue", "--plan"],
    ["refresh", "c", "--encoder", "e", "--query-log", "q"],
    ["refresh", "c", "--continue", "--budget", "none"],
    ["mine", "c", "--queries", "q", "--qrels", "r", "--out", "o", "--sampling", "best"],
    [
      "mine", "c", "--queries", "q", "--qrels", "r", "--out", "o", "--from-rank", "9", "--to-rank",
      "9",
    ],
    ["mine", "c", "--queries", "q", "--qrels", "r", "--out", "o", "--format", "xml"],
    ["train", "--data", "d", "--from", "e", "--out", "o", "--method", "magic"],
    ["train", "--data", "d", "--from", "e", "--out", "o", "--steps", "few"],
    ["embed", "--encoder", "e", "--texts", "t", "--out", "o", "--as", "title"],
    ["refresh", "c", "--encoder", "e", "--sample", "lots"],
    ["refresh", "c", "--encoder", "e", "--sampling", "best"],
    ["refresh", "c", "--encoder", "e", "--interval-width", "0"],
    ["refresh", "c", "--encoder", "e", "--interval-width", "1"],
    ["refresh", "c", "--continue", "--interval-width", "0.1"],
    ["refresh", "c", "--continue", "--sampling", "simple"],
    ["mine", "c", "--queries", "q", "--qrels", "r", "--out", "o", "--negatives", "0"],
    ["train", "--data", "d", "--from", "e", "--out", "o", "--temperature", "0"],
    ["train", "--data", "d", "--from", "e", "--out", "o", "--sampled-negatives", "4"],
    [
      "train", "--data", "d", "--from", "e", "--out", "o", "--negatives", "in-batch",
      "--sampled-negatives", "4",
    ],
    [
      "train", "--data", "d", "--from", "e", "--out", "o", "--negatives", "stale",
      "--re-encode-every", "9",
    ],
    [
      "train", "--data", "d", "--from", "e", "--out", "o", "--negatives", "corrected",
      "--candidates", "7",
    ],
    [
      "train", "--data", "d", "--from", "e", "--out", "o", "--negatives", "n.jsonl",
      "--correct-every", "2",
    ],
    ["tokenize", "--encoder", "e", "--max-length", "2"],
    ["embed", "--encoder", "e", "--texts", "t", "--out", "o", "--max-length", "0"],
    ["search", "c", "x", "--ef-search", "0"], ["search", "c", "x", "--probes", "-1"],
    ["refresh-vectors", "s.npy", "--sample-rows", "r", "--sample-fresh", "f"],
    vectors + ["--out", "o", "--plan"], vectors + ["--plan", "--errors", "e"],
    vectors + ["--out", "o", "--min-recovery", "-0.1"],
    vectors + ["--out", "o", "--correctors", "text-ridge"],
    vectors + ["--out", "o", "--correctors", "magic"],
    ["serve", "c", "--port", "high"], ["serve", "c", "--port", "99999"], ["status", "c", "more"],
    ["status", "c", "--canary", "0"], ["status", "c", "--encoder", "e"],
  ])
  func wrongUsageIsStatus2(arguments: [String]) async throws {
    try await Command.isWrongUsage(arguments, "Usage:")
  }
}
