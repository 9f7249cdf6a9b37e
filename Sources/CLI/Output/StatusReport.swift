import Foundation
import Freshet

/// What a collection holds, as the contract's JSON keys, and in words.
struct StatusReport: Encodable {
  var status: CollectionStatus
  var canary: CanaryDrift?

  private enum CodingKeys: CodingKey { case deadShare, suggestsCompaction, canary }

  func encode(to encoder: any Encoder) throws {
    try status.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(status.deadShare, forKey: .deadShare)
    try container.encode(status.suggestsCompaction, forKey: .suggestsCompaction)
    try container.encodeIfPresent(canary, forKey: .canary)
  }

  static func words(_ status: CollectionStatus) -> String {
    var lines = [
      "\(status.passages) passages, \(status.pending) of them without an embedding of their "
        + "present text"
    ]
    if status.deleted > 0 {
      lines.append(
        "\(status.deleted) deleted, "
          + String(format: "%.0f%% of the rows", 100 * status.deadShare)
          + (status.suggestsCompaction ? ": `freshet compact` gives their space back" : ""))
    }
    if let active = status.generations.first(where: { $0.id == status.active }) {
      let share = 100 / Double(max(active.passages, 1))
      lines.append(
        String(
          format: "generation %d is active: %.1f%% encoded, %.1f%% corrected", active.id,
          share * Double(active.encoded), share * Double(active.corrected)))
    }
    if let index = status.index {
      lines.append(
        "index \(index.recipe), \(index.rows) rows"
          + (index.tuning.map { ": " + $0.words } ?? ""))
    }
    var rows = [["  generation", "encoder", "encoded", "corrected", "made"]]
    for generation in status.generations {
      rows.append([
        (generation.id == status.active ? "* " : "  ") + "\(generation.id)",
        String(generation.encoder.prefix(12)), "\(generation.encoded)", "\(generation.corrected)",
        generation.createdAt.ISO8601Format(),
      ])
    }
    lines.append(table(rows))
    lines += status.encoders.map {
      "encoder \($0.fingerprint.prefix(12)): \($0.name), \($0.dimension) dimensions"
    }
    return lines.joined(separator: "\n")
  }

  static func words(_ canary: CanaryDrift) -> String {
    let isMixed = canary.encoded != nil && canary.corrected != nil
    let kinds = [
      ("encoded", canary.encoded), ("corrected", canary.corrected),
      ("all", isMixed ? canary.all : nil),
    ]
    let rows = kinds.compactMap { name, rows in
      rows.map {
        [
          "  " + name, "\($0.count)",
          String(format: "%.4f [%.4f, %.4f]", $0.drift[1], $0.drift[0], $0.drift[2]),
          $0.predictedError.map { String(format: "%.4f", $0) } ?? "-",
        ]
      }
    }
    let whose = canary.isOwnEncoder ? "the generation's own encoder" : "another encoder"
    return "drift from \(canary.encoder.prefix(12)), \(whose), as 1 − cosine:\n"
      + table([["  served", "canaries", "drift", "predicted"]] + rows)
  }
}
