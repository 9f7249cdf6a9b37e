import Foundation
import Glibc
import TestSupport
import Testing

/// A file system of so many kilobytes, where mounting one is permitted.
private struct TinyDisk: ~Copyable {
  let url: URL

  static let isAvailable: Bool = {
    guard let folder = try? TemporaryFolder() else { return false }
    return (try? TinyDisk(at: folder.url, kilobytes: 64)) != nil
  }()

  init(at url: URL, kilobytes: Int) throws {
    guard mount("tmpfs", url.path, "tmpfs", 0, "size=\(kilobytes)k") == 0 else {
      throw POSIXError(.init(rawValue: errno) ?? .EPERM)
    }
    self.url = url
  }

  deinit { umount2(url.path, Int32(MNT_DETACH)) }
}

/// A disk that fills up: one line, status 1, and the collection as it was.
@Suite struct DiskFullTests {
  let place: Workplace
  init() throws { place = try Workplace() }

  /// `ulimit -f` counts blocks of 1,024 bytes in bash.
  @Test(arguments: [0, 1, 4, 8, 40, 80]) func filesThatMayNotGrow(blocks: Int) async throws {
    try await place.encoded()
    let before = try await Command.ok("search", place.collection, "river", "--json").output
    let limit = "ulimit -f \(blocks)"
    let encode = try await Command.run(
      ["encode", place.collection, "--encoder", place.encoderB], shell: limit)
    #expect(!encode.wasKilled, "signal \(encode.status)")
    #expect(encode.status == 1)
    if blocks > 0 { #expect(encode.errorLines.count == 1, "\(encode.errors)") }
    try await isWhole(before)
    try await Command.ok("encode", place.collection, "--encoder", place.encoderB)
  }

  @Test func theCommandsFilesMayNotGrow() async throws {
    try await place.encoded()
    let before = try await Command.ok("search", place.collection, "river", "--json").output
    let out = place.path("out")
    // Standard output and error are files, too: some room is left for the one line.
    try await Command.fails(
      ["embed", "--encoder", place.encoderA, "--texts", place.corpus, "--out", out],
      place.folder.url.path, shell: "ulimit -f 1")
    #expect(!place.isThere(out))
    try await Command.fails(
      ["encode", place.collection, "--encoder", place.encoderB], place.collection,
      shell: "ulimit -f 1")
    try await isWhole(before)
    try await Command.fails(
      [
        "train", "--data", place.data, "--from", place.encoderA, "--out", out, "--steps", "2",
        "--batch", "10",
      ], out, shell: "ulimit -f 8")
    #expect(!place.isThere(out))
  }

  @Test(
    .enabled(if: TinyDisk.isAvailable, "needs permission to mount a tmpfs"),
    arguments: [0, 4, 12, 24, 60, 100, 160, 240])
  func aReallyFullDisk(kilobytesLeft: Int) async throws {
    let mounted = try TemporaryFolder()
    let disk = try TinyDisk(at: mounted.url, kilobytes: 4096)
    let collection = mounted.path("c.freshet")
    try await Command.ok("add", collection, place.corpus)
    try await Command.ok("encode", collection, "--encoder", place.encoderA)
    let before = try await Command.ok("search", collection, "river", "--json").output
    try fill(mounted, leaving: kilobytesLeft)
    var failures = 0
    for arguments in [
      ["refresh", collection, "--encoder", place.encoderB, "--sample", "60"],
      ["encode", collection, "--encoder", place.encoderB],
    ] {
      let outcome = try await Command.run(arguments)
      #expect(!outcome.wasKilled)
      if outcome.status != 0 {
        failures += 1
        #expect(outcome.status == 1)
        // A refresh may have said before that it goes on against advice.
        let lines = outcome.errorLines.filter { $0.hasPrefix("freshet: ") }
        #expect(lines.count == 1, "\(outcome.errors)")
        #expect(lines.first?.contains(collection) == true, "\(outcome.errors)")
        #expect(lines.first?.contains("Error Domain") == false, "\(outcome.errors)")
      }
    }
    #expect(kilobytesLeft > 60 || failures == 2, "an encoder and vectors do not fit")
    try FileManager.default.removeItem(atPath: mounted.path("ballast"))
    let status = try await Command.json("status", collection)
    #expect((status["active"] as? Int == 0) == (failures == 2))
    if failures == 2 {
      #expect(try await Command.ok("search", collection, "river", "--json").output == before)
    }
    try await Command.ok("verify", collection)
    try await Command.ok("encode", collection, "--encoder", place.encoderB)
    try await Command.ok("verify", collection)
    withExtendedLifetime(disk.url) {}
  }

  @Test func resultsThatCannotBePrinted() async throws {
    try await place.encoded()
    for arguments in [
      ["status", place.collection], ["search", place.collection, "river", "--json"],
    ] {
      try await Command.fails(arguments, "standard output", shell: "exec > /dev/full")
    }
  }

  @Test func aLogThatCannotBeWrittenDoesNotEndTheWork() async throws {
    try await place.encoded()
    let outcome = try await Command.run(
      ["encode", place.collection, "--encoder", place.encoderB, "--json"],
      shell: "exec 2> /dev/full")
    #expect(outcome.status == 0)
    #expect(outcome.output.contains(#""newlyEncoded":100"#))
  }

  @Test(.enabled(if: TinyDisk.isAvailable, "needs permission to mount a tmpfs"))
  func addingToAFullDiskAddsNothing() async throws {
    let mounted = try TemporaryFolder()
    let disk = try TinyDisk(at: mounted.url, kilobytes: 2048)
    let collection = mounted.path("c.freshet")
    let few = try place.folder.write("{\"_id\":\"few\",\"text\":\"river\"}\n", to: "few.jsonl")
    try await Command.ok("add", collection, few)
    try fill(mounted, leaving: 40)
    let many = (0..<2000).map {
      #"{"_id":"m\#($0)","text":"\#(String(repeating: "word ", count: 50))"}"#
    }
    let file = try place.folder.write(many.joined(separator: "\n"), to: "many.jsonl")
    try await Command.fails(["add", collection, file], collection)
    try FileManager.default.removeItem(atPath: mounted.path("ballast"))
    let status = try await Command.json("status", collection)
    #expect(status["passages"] as? Int == 1)
    withExtendedLifetime(disk.url) {}
  }

  /// Fills the disk until only so much is left.
  private func fill(_ mounted: TemporaryFolder, leaving kilobytes: Int) throws {
    let ballast = try Command.file("ballast", mounted)
    let block = Data(count: 4096)
    var written = 0
    while (try? ballast.write(contentsOf: block)) != nil { written += 4096 }
    try ballast.truncate(atOffset: UInt64(max(written - kilobytes * 1024, 0)))
    try ballast.close()
  }

  /// The collection answers as before, is undamaged, and can be written.
  private func isWhole(_ answer: String) async throws {
    #expect(try await Command.ok("search", place.collection, "river", "--json").output == answer)
    try await Command.ok("verify", place.collection)
  }
}
