import Foundation
import Glibc
import Tensors
import TestSupport
import Testing

/// A `freshet train` that may be killed.
private struct TrainingRun {
  let place: Workplace
  let name: String
  let options: [String]

  static let steps = 120, checked = 77

  var out: String { place.path(name) }
  func checkpoint(_ step: Int) -> String {
    out + ".training/step-" + String(format: "%08d", step) + ".safetensors"
  }

  private var arguments: [String] {
    [
      "train", "--data", place.data, "--from", place.encoderA, "--out", out, "--resume",
      "--batch", "8", "--micro-batch", "4", "--chunk", "3", "--learning-rate", "0.002",
      "--steps", "\(Self.steps)", "--checkpoint-every", "7", "--keep", "100",
    ] + options
  }

  /// Runs until `isEnough`, then kills; returns false when the run had ended by itself.
  func killed(when isEnough: () -> Bool) async throws -> Bool {
    let process = Process()
    process.executableURL = Command.executable
    process.arguments = arguments
    process.standardError = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    while process.isRunning, !isEnough() { usleep(1000) }
    guard process.isRunning else { return false }
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    return true
  }

  /// Runs to the end.
  func finish() async throws {
    let outcome = try await Command.run(arguments)
    #expect(outcome.status == 0, "\(outcome.errors)")
  }

  /// The last step that is logged; 0 before the first.
  var loggedStep: Int {
    guard let log = FileManager.default.contents(atPath: out + ".log/train.jsonl") else { return 0 }
    let lines = String(decoding: log.suffix(4000), as: UTF8.self).split(separator: "\n")
    let steps = lines.compactMap { line -> Int? in
      let value = try? JSONSerialization.jsonObject(with: Data(line.utf8))
      guard let object = value as? [String: Any], object["kind"] as? String == "step" else {
        return nil
      }
      return object["step"] as? Int
    }
    return steps.last ?? 0
  }

  /// The last step that has a checkpoint; 0 before the first.
  var checkpointedStep: Int {
    Array(stride(from: 7, through: Self.steps, by: 7)).last {
      FileManager.default.fileExists(atPath: checkpoint($0))
    } ?? 0
  }

  /// The log without what depends on the clock.
  func log() throws -> [String] {
    try String(contentsOfFile: out + ".log/train.jsonl", encoding: .utf8)
      .split(separator: "\n").compactMap { line in
        let value = try JSONSerialization.jsonObject(with: Data(line.utf8))
        guard var object = value as? [String: Any], object["kind"] as? String != "session" else {
          return nil
        }
        object["clock"] = nil
        let data = try JSONSerialization.data(withJSONObject: object, options: .sortedKeys)
        return String(decoding: data, as: UTF8.self)
      }
  }
}

@Suite("Training killed at random")
struct TrainingKillTests {
  static let ways: [[String]] = [
    ["--method", "in-batch", "--symmetric"],
    ["--method", "grad-cache", "--bank", "20", "--towers", "untied"],
    ["--method", "cont-accum", "--bank", "13", "--dev-split", "train", "--evaluate-every", "10"],
    ["--method", "grad-accum", "--decay", "cosine", "--freeze", "1"],
    [
      "--negatives", "corrected", "--sampled-negatives", "3", "--correct-every", "5",
      "--corrector-width", "16",
    ],
    [
      "--method", "grad-cache", "--negatives", "re-encode", "--re-encode-every", "10",
      "--sampled-negatives", "2",
    ],
  ]

  @Test("SIGKILL at any time, resumed: weights, bank, optimizer and log are the same", arguments: ways)
  func sameBits(options: [String]) async throws {
    let place = try Workplace()
    let whole = TrainingRun(place: place, name: "whole", options: options)
    let last = whole.checkpoint(TrainingRun.checked)
    #expect(try await whole.killed { place.isThere(last) })

    let torn = TrainingRun(place: place, name: "torn", options: options)
    var random = RandomStream(seed: UInt64(options.count), stream: 9)
    var kills = 0
    while !place.isThere(torn.checkpoint(TrainingRun.checked)) {
      // Some time after a step that is up to 20 steps past the last checkpoint.
      let step = torn.checkpointedStep + 1 + Int(20 * random.uniform())
      let wait = UInt32(4000 * random.uniform())
      kills += try await torn.killed {
        guard torn.loggedStep >= step else { return false }
        usleep(wait)
        return true
      } ? 1 : 0
      try #require(kills < 200)
    }
    #expect(kills > 0)
    for step in stride(from: 7, through: TrainingRun.checked, by: 7) {
      let (a, b) = (
        FileManager.default.contents(atPath: whole.checkpoint(step)),
        FileManager.default.contents(atPath: torn.checkpoint(step))
      )
      #expect(a != nil && a == b, "step \(step)")
    }
    try await whole.finish()
    try await torn.finish()
    for name in try FileManager.default.subpathsOfDirectory(atPath: whole.out)
    where name.hasSuffix(".safetensors") {
      let (a, b) = (
        FileManager.default.contents(atPath: whole.out + "/" + name),
        FileManager.default.contents(atPath: torn.out + "/" + name)
      )
      #expect(a != nil && a == b, "\(name)")
    }
    #expect(try whole.log() == torn.log())
  }
}
