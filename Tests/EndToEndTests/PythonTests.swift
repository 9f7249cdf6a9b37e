import Foundation
import Freshet
import TestSupport
import Testing

/// A python3 with sentence-transformers, when the environment names one.
private let python = ProcessInfo.processInfo.environment["FRESHET_PYTHON"]

/// What Freshet saves is what Python reads.
@Suite struct PythonTests {
  @Test(
    .enabled(if: python != nil, "needs FRESHET_PYTHON: a python3 with sentence-transformers"),
    arguments: [TextRole.query, .passage])
  func aTrainedEncoderGivesTheSameEmbeddingsInPython(role: TextRole) throws {
    let folder = try TemporaryFolder()
    let trained = try train(in: folder)
    let texts = [
      "river stone", "cloud", "bread bread green music", "nothing it knows", "Winter, BRIDGE!",
      String(repeating: "letter ", count: 40) + "end",
    ]
    try folder.write(texts.joined(separator: "\n") + "\n", to: "texts.txt")
    let encoder = try TextEncoder(folder: trained)
    try VectorFile.write(
      encoder.encode(texts, as: role).embeddings, to: folder.path("ours.npy"))
    let root = fixtures.deletingLastPathComponent().deletingLastPathComponent()
    let check = Process()
    check.executableURL = URL(fileURLWithPath: try #require(python))
    check.arguments = [
      root.appending(path: "tools/check-saved-encoder").path, trained.path, folder.path("ours.npy"),
      "--texts", folder.path("texts.txt"), "--as", role.rawValue, "--tolerance", "1e-5",
    ]
    let output = Pipe()
    check.standardOutput = output
    try check.run()
    let text = String(
      decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    check.waitUntilExit()
    #expect(check.terminationStatus == 0, "\(text)")
    #expect(text.contains("largest difference"))
  }

  /// A small encoder after a few steps of training, saved.
  private func train(in folder: TemporaryFolder) throws -> URL {
    let words = ["river", "stone", "cloud", "lamp", "bread", "green", "quiet", "early"]
    let corpus = words.map { #"{"_id":"\#($0)","text":"\#($0) \#($0) north"}"# }
    let queries = words.map { #"{"_id":"\#($0)","text":"\#($0)"}"# }
    let qrels = ["query-id\tcorpus-id\tscore"] + words.map { "\($0)\t\($0)\t1" }
    try FileManager.default.createDirectory(
      atPath: folder.path("qrels"), withIntermediateDirectories: true)
    try folder.write(corpus.joined(separator: "\n"), to: "corpus.jsonl")
    try folder.write(queries.joined(separator: "\n"), to: "queries.jsonl")
    try folder.write(qrels.joined(separator: "\n"), to: "qrels/train.tsv")
    let start = try TextEncoder(folder: fixtures.appending(path: "training/encoder"))
    let trained = folder.url.appending(path: "trained")
    _ = try start.trained(
      on: TrainingData(folder: folder.url.path),
      configuration: TrainingConfiguration(batchSize: 4, steps: 20, learningRate: 1e-3),
      savingTo: trained)
    return trained
  }
}
