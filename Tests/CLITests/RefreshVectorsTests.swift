import Foundation
import Freshet
import TestSupport
import Testing

/// `freshet refresh-vectors`: embeddings of any origin.
@Suite struct RefreshVectorsTests {
  let folder: TemporaryFolder
  var stale: String { folder.path("stale.npy") }
  var rows: String { folder.path("rows.txt") }
  var fresh: String { folder.path("fresh.npy") }
  var out: String { folder.path("out.npy") }
  var arguments: [String] {
    ["refresh-vectors", stale, "--sample-rows", rows, "--sample-fresh", fresh]
  }

  /// 400 vectors of 16 dimensions; those of the new encoder have 20, and are a map of the old ones
  /// and a little noise.
  init() throws {
    folder = try TemporaryFolder()
    var old = Matrix.normal(400, 16, seed: 1)
    old.normalizeRows()
    var new = product(old, .normal(16, 20, seed: 2, scale: 0.25))
    new.add(.normal(400, 20, seed: 3, scale: 0.02))
    new.normalizeRows()
    let sample = (0..<150).map { ($0 * 7) % 400 }
    try VectorFile.write(old, to: folder.path("stale.npy"))
    try VectorFile.write(new, to: folder.path("truth.npy"))
    try VectorFile.write(new.gathering(sample), to: folder.path("fresh.npy"))
    let lines = { (words: [String]) in words.joined(separator: "\n") + "\n" }
    try folder.write(lines(sample.map(String.init)), to: "rows.txt")
    try folder.write(lines(sample.map { "id \($0)" }), to: "sample-ids.txt")
    try folder.write(lines((0..<400).map { "id \($0)" }), to: "ids.txt")
  }

  @Test func aPlanIsShownAndDone() async throws {
    let shown = try await Command.run(arguments + ["--plan"])
    #expect(shown.status == 0 && !FileManager.default.fileExists(atPath: out))
    #expect(shown.output.contains("* ridge") && shown.output.contains("identity: stale vectors"))
    #expect(shown.output.contains("re-encode") && shown.output.contains("recovery of lost"))
    let outcome = try await Command.run(
      arguments + ["--out", out, "--errors", folder.path("e.npy"), "--queries", fresh, "--json"])
    #expect(outcome.status == 0, "\(outcome.errors)")
    let json = try #require(
      try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
    #expect(
      json.keys.sorted() == [
        "chosen", "corrector", "freshDimension", "judged", "out", "plan", "rows", "staleDimension",
      ])
    #expect(json["chosen"] as? String == "correct" && json["rows"] as? Int == 400)
    let (corrected, truth) = (try read(out), try read(folder.path("truth.npy")))
    #expect(corrected.rows == 400 && corrected.columns == 20)
    var worst: Float = 1
    for row in 0..<400 {
      worst = min(worst, zip(corrected.row(row), truth.row(row)).reduce(0) { $0 + $1.0 * $1.1 })
    }
    #expect(worst > 0.9)
    // By id, everything is the same.
    let byID = folder.path("by-id.npy")
    try await Command.ok(
      "refresh-vectors", stale, "--sample-rows", folder.path("sample-ids.txt"), "--sample-fresh",
      fresh, "--ids", folder.path("ids.txt"), "--out", byID, "--queries", fresh)
    #expect(try read(byID) == corrected)
  }

  private func read(_ path: String) throws -> Matrix { try VectorFile(path: path).all() }

  @Test func whatIsRefusedLeavesNothing() async throws {
    let before = try FileManager.default.contentsOfDirectory(atPath: folder.url.path).sorted()
    try await Command.fails(
      arguments + ["--out", out, "--min-recovery", "1", "--correctors", "procrustes"],
      "predicted recovery", "nothing was written")
    try await Command.fails(
      arguments + ["--out", folder.path("no/such/out.npy")], folder.path("no/such/out.npy"))
    try await Command.fails(arguments + ["--plan", "--queries", stale], "16 dimensions")
    try await Command.fails(arguments + ["--plan", "--correctors", "residual-mlp"], "dimensions")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path).sorted() == before)
    try await Command.fails(
      arguments + ["--out", out], folder.path("out.npy"), shell: "ulimit -f 16")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path).sorted() == before)
    try folder.write("1\n1\n", to: "rows.txt")
    try await Command.fails(arguments + ["--plan"], "rows.txt:2: row 1 is on line 1 already")
  }
}
