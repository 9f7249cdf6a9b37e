import Foundation

/// What the command line says.
struct Options {
  /// What to do, in order: `features`, `tune`, names of experiments.
  var commands: [String] = []
  var seeds = 5
  var epochs = 2
  var questions = 40_000
  var threads = 2
  var data = URL(fileURLWithPath: "../shared/data/squad")
  var output = URL(fileURLWithPath: ".cache/quality")
  var encoder = URL(
    fileURLWithPath: NSHomeDirectory() + "/.cache/freshet/models/all-MiniLM-L6-v2")

  static let usage = """
    usage: training-experiments COMMAND... [--data DIR] [--out DIR] [--encoder DIR] [--seeds N]
             [--epochs N] [--questions N] [--threads N]

    COMMAND is features, tune, \(Experiment.all.map(\.name).joined(separator: ", ")), or all.
    DIR of --data holds corpus.jsonl, queries.jsonl and qrels/*.tsv, unpacked.
    """

  /// - Throws: `ExperimentError` naming what is wrong.
  init(_ arguments: [String]) throws {
    var rest = arguments[...]
    while let word = rest.popFirst() {
      guard word.hasPrefix("--") else {
        commands.append(word)
        continue
      }
      guard let value = rest.popFirst() else { throw ExperimentError("\(word) needs a value") }
      try set(word, to: value)
    }
    let known = ["features", "tune", "all"] + Experiment.all.map(\.name)
    if let unknown = commands.first(where: { !known.contains($0) }) {
      throw ExperimentError("there is no command \"\(unknown)\"\n\(Self.usage)")
    }
    if commands.isEmpty { throw ExperimentError(Self.usage) }
  }

  /// The experiments asked for.
  var experiments: [Experiment] {
    Experiment.all.filter { commands.contains($0.name) || commands.contains("all") }
  }

  private mutating func set(_ name: String, to value: String) throws {
    let url = URL(fileURLWithPath: value)
    switch name {
    case "--data": data = url
    case "--out": output = url
    case "--encoder": encoder = url
    case "--seeds": seeds = try number(value, name)
    case "--epochs": epochs = try number(value, name)
    case "--questions": questions = try number(value, name)
    case "--threads": threads = try number(value, name)
    default: throw ExperimentError("there is no option \(name)\n\(Self.usage)")
    }
  }

  private func number(_ text: String, _ name: String) throws -> Int {
    guard let value = Int(text), value > 0 else {
      throw ExperimentError("\(name) \(text): must be a whole number from 1")
    }
    return value
  }
}
