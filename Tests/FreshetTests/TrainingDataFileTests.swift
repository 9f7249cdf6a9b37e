import Foundation
import TestSupport
import Testing

@testable import Freshet

/// Files as files: line ends, marks, blocks, compression, changes.
@Suite struct TrainingDataFileTests {
  let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  private let rows = (0..<5).map { #"{"query":"q\#($0)","pos":["ä\#($0)"]}"# }

  private func positives(_ text: String) throws -> [String] {
    try TrainingData(path: try folder.write(text, to: "rows.jsonl")).meanings().map(\.positive)
  }

  @Test(arguments: ["", "\u{FEFF}"], ["\n", "\r\n", "\n\n", "\r\n \t\r\n"])
  func marksAndLineEndsDoNotMatter(mark: String, end: String) throws {
    let expected = (0..<5).map { "ä\($0)" }
    for last in ["", end] {
      #expect(try positives(mark + rows.joined(separator: end) + last) == expected)
      #expect(try positives(mark + end + rows.joined(separator: end) + last) == expected)
      let list = rows.joined(separator: "," + end)
      #expect(try positives("\(mark)[\(end)\(list)\(end)]\(last)") == expected)
      #expect(try positives("\(mark)\(end)[\(list)]\(end)\(last)") == expected)
    }
  }

  @Test(arguments: [(1 << 20) - 1, 1 << 20, (1 << 20) + 1, 3_000_017])
  func rowsMayBeLongerThanABlock(length: Int) throws {
    let long = String(repeating: "x,]\\\\}", count: length / 6)
    let rows = [
      #"{"query":"a","pos":["\#(long)"]}"#, #"{"query":"b","pos":["y","z"]}"#,
      #"{"query":"c","neg":["\#(long)"],"pos":["w"]}"#,
    ]
    for text in [rows.joined(separator: "\n"), "[" + rows.joined(separator: ",\n") + "]\n"] {
      let found = try positives(text)
      #expect(found.map(\.utf8.count) == [length / 6 * 5, 1, 1, 1])
      #expect(Array(found.dropFirst()) == ["y", "z", "w"])
    }
  }

  @Test(arguments: ["other", "shorter", "longer", "gone"])
  func aChangeOfTheFileIsNoticed(how: String) throws {
    let path = try folder.write(rows.joined(separator: "\n"), to: "rows.jsonl")
    let data = try TrainingData(path: path)
    let before = try data.pair(at: 3)
    switch how {
    case "other": try overwrite(path, with: rows.joined(separator: "\n").uppercased())
    case "shorter": try overwrite(path, with: rows[0])
    case "longer": try overwrite(path, with: rows.joined(separator: "\n") + "\n\n")
    default:
      // What is open is not the new file.
      try FileManager.default.removeItem(atPath: path)
      try folder.write(rows.reversed().joined(separator: "\n"), to: "rows.jsonl")
      #expect(try data.pair(at: 3) == before)
      return
    }
    freshetError(.badInput, path, "changed while it was in use") { _ = try data.pair(at: 3) }
    freshetError(.badInput, path, "changed while it was in use") {
      _ = try data.text(ofPassage: before.positiveID)
    }
  }

  /// Writes into the file that is there.
  private func overwrite(_ path: String, with text: String) throws {
    let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    try handle.truncate(atOffset: 0)
    try handle.write(contentsOf: Data(text.utf8))
    try handle.close()
    // A clock of coarse ticks may not have moved on.
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSinceNow: 60)], ofItemAtPath: path)
  }

  @Test func compressionThatIsDamagedIsNamed() throws {
    let text = (0..<20_000).map { #"{"query":"q\#($0 &* 7919)","pos":["\#($0 &* 104729)"]}"# }
    let path = try compress(try folder.write(text.joined(separator: "\n"), to: "rows.jsonl"))
    let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    #expect(try TrainingData(path: path).count == 20_000)
    var flipped = bytes
    flipped[bytes.count / 2] ^= 0xFF
    for damaged in [bytes.dropLast(1), bytes.prefix(bytes.count / 2), flipped, bytes.prefix(5)] {
      try damaged.write(to: URL(fileURLWithPath: path))
      freshetError(.badInput, path, "damaged or cut short") { _ = try TrainingData(path: path) }
    }
  }

  @Test func theTemporaryCopyHasNoName() throws {
    let path = try compress(try folder.write(rows.joined(separator: "\n"), to: "rows.jsonl"))
    let place = folder.url.appending(path: "place")
    try FileManager.default.createDirectory(at: place, withIntermediateDirectories: false)
    let data = try TrainingData(path: path, temporaryFolder: place)
    #expect(try FileManager.default.contentsOfDirectory(atPath: place.path) == [])
    #expect(try data.meanings().count == 5)
  }

  @Test func aPipeIsReadOnce() throws {
    let path = folder.path("pipe")
    #expect(mkfifo(path, 0o600) == 0)
    let text = rows.joined(separator: "\n")
    let writer = Thread { try? Data(text.utf8).write(to: URL(fileURLWithPath: path)) }
    writer.start()
    let data = try TrainingData(path: path)
    #expect(try data.meanings().map(\.query) == (0..<5).map { "q\($0)" })
  }

  @Test func unknownPassagesAreNamed() throws {
    let data = try TrainingData(path: try folder.write(rows[0], to: "rows.jsonl"))
    freshetError(.badInput, "rows.jsonl", "no passage \"gone\"") {
      _ = try data.text(ofPassage: "gone")
    }
  }

  @Test func pairsAreReadFromManyThreadsAtOnce() async throws {
    let text = (0..<500).map { #"{"query":"q\#($0)","pos":["p\#($0)"],"neg":["p\#($0 / 2)"]}"# }
    let data = try TrainingData(path: try folder.write(text.joined(separator: "\n"), to: "r.jsonl"))
    try await withThrowingTaskGroup(of: Bool.self) { group in
      for task in 0..<8 {
        group.addTask {
          try stride(from: task, to: data.count, by: 3).allSatisfy { index in
            let pair = try data.pair(at: index)
            return try pair.query == "q\(index)"
              && data.text(ofPassage: pair.positiveID) == "p\(index)"
              && data.text(ofPassage: pair.negativeIDs[0]) == "p\(index / 2)"
          }
        }
      }
      for try await isRight in group { #expect(isRight) }
    }
  }
}
