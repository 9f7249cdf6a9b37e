import Foundation
import TestSupport
import Testing

@testable import Freshet

/// What is held in memory does not grow with the texts.
@Suite struct TrainingDataMemoryTests {
  /// Writes so many rows of a positive and a negative each, their texts some `length` bytes long.
  private static func write(_ rows: Int, textLength length: Int, to path: String) throws {
    try Data().write(to: URL(fileURLWithPath: path))
    let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    let filler = String(repeating: "x", count: length)
    for start in stride(from: 0, to: rows, by: 10_000) {
      let block = (start..<min(start + 10_000, rows)).map {
        #"{"query":"query \#($0)","pos":["\#(filler) \#($0)"],"neg":["\#(filler) \#($0 / 2)"]}"#
          + "\n"
      }
      try file.write(contentsOf: Data(block.joined().utf8))
    }
    try file.close()
  }

  @Test(arguments: [(1, 400), (1009, 120), (20_000, 64)])
  func heldBytesAreFewAndTheSameForLongTexts(rows: Int, mostPerRow: Int) throws {
    let folder = try TemporaryFolder()
    let held = try [3, 2000].map { length in
      try Self.write(rows, textLength: length, to: folder.path("rows.jsonl"))
      let data = try TrainingData(path: folder.path("rows.jsonl"))
      #expect((data.count, data.passageCount) == (rows, rows))
      return data.heldBytes
    }
    // What arrays hold is what the allocator gave them, which may round a block up by some bytes; the
    // texts differ by 2,000 bytes a row.
    #expect(abs(held[0] - held[1]) <= 1024, "\(held)")
    // A row is a pair and, here, a passage.
    #expect(held[0] <= rows * mostPerRow, "\(Double(held[0]) / Double(rows)) bytes a row")
  }

  /// In a process of its own, for others allocate at the same time.
  @Test func twoHundredThousandPairsAreReadInLittleMemory() async {
    await #expect(processExitsWith: .success) {
      let folder = try TemporaryFolder()
      try TrainingDataMemoryTests.write(200_000, textLength: 250, to: folder.path("rows.jsonl"))
      let before = try TrainingDataMemoryTests.peakBytes()
      let data = try TrainingData(path: folder.path("rows.jsonl"))
      for index in stride(from: 0, to: data.count, by: 101) {
        let pair = try data.pair(at: index)
        try #require(try data.text(ofPassage: pair.negativeIDs[0]).hasSuffix("x \(index / 2)"))
      }
      let grown = try TrainingDataMemoryTests.peakBytes() - before
      // The file has 112 MB; what is kept 12, and opening it takes as much again for a while.
      try #require(data.count == 200_000)
      try #require(grown < 48_000_000, "\(grown) bytes")
    }
  }

  /// The most memory the process has had in use.
  private static func peakBytes() throws -> Int {
    let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") })
    return try #require(Int(line.split(separator: " ")[1])) * 1024
  }

  @Test(
    .enabled(
      if: FileManager.default.fileExists(atPath: sharedData.path + "/squad"),
      "the data set squad is not beside the package"))
  func squadIsReadWhole() throws {
    let data = try TrainingData(path: sharedData.path + "/squad")
    #expect((data.count, data.passageCount) == (82_922, 20_958))
    #expect(Set(data.positives).count == 17_957)
    let pair = try data.pair(at: 0)
    #expect(pair.query == "In what year did the earthquake in Sichuan occur?")
    #expect(try data.text(ofPassage: pair.positiveID).hasPrefix("2008 Sichuan earthquake The 2008"))
    #expect(data.heldBytes < 82_922 * 40 + 20_958 * 64)
  }
}
