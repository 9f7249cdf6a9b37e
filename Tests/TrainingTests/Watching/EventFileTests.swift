import Foundation
import TestSupport
import Testing

@testable import Training

@Suite("Event files")
struct EventFileTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Vectors of RFC 3720, appendix B.4, and the check value of the catalogue of CRCs.
  @Test(
    "CRC-32C of known vectors",
    arguments: [
      ([], 0), (Array("123456789".utf8), 0xE306_9283), (Array("a".utf8), 0xC1D0_4330),
      (Array(repeating: 0, count: 32), 0x8A91_36AA),
      (Array(repeating: 0xFF, count: 32), 0x62A8_AB43), (Array(0..<32), 0x46DD_794E),
      ((0..<32).reversed(), 0x113F_DB5C),
    ] as [([UInt8], UInt32)])
  func checksums(bytes: [UInt8], expected: UInt32) {
    #expect(CRC32C.checksum(bytes) == expected)
  }

  /// Examples of the description of protobuf's encoding.
  @Test("protobuf fields are the bytes of the description")
  func protobuf() {
    func bytes(_ build: (inout ProtobufMessage) -> Void) -> [UInt8] {
      var message = ProtobufMessage()
      build(&message)
      return message.bytes
    }
    #expect(bytes { $0.add(1, 150) } == [0x08, 0x96, 0x01])
    #expect(bytes { $0.add(2, "testing") } == [0x12, 0x07] + Array("testing".utf8))
    #expect(bytes { $0.add(1, -2) } == [0x08, 0xFE] + Array(repeating: 0xFF, count: 8) + [1])
    #expect(bytes { $0.add(16, 0) } == [0x80, 0x01, 0x00])
    #expect(bytes { $0.add(1, 1.0) } == [0x09, 0, 0, 0, 0, 0, 0, 0xF0, 0x3F])
    #expect(bytes { $0.add(1, Float(1)) } == [0x0D, 0, 0, 0x80, 0x3F])
    var inner = ProtobufMessage()
    inner.add(1, 150)
    #expect(bytes { $0.add(3, inner) } == [0x1A, 0x03, 0x08, 0x96, 0x01])
  }

  @Test("a file reads back, one event per step, long tags and negative numbers included")
  func roundTrip() throws {
    let long = String(repeating: "é/", count: 100)
    let writer = try EventFileWriter(folder.url, resumeStep: 0, time: 1_700_000_000.5, host: "a/b")
    for step in [1, 127, 128, 1 << 40] {
      let scalars: [(String, Float)] = [("loss", -1.5), (long, 3e38)]
      try writer.append(.scalars(scalars), step: step, time: 7.25)
    }
    try writer.append(.scalars([]), step: 0, time: 0)
    let name = "events.out.tfevents.1700000000.0000.a-b"
    let events = try EventFileReader.events(of: folder.url.appending(path: name))
    #expect(events.map(\.step) == [0, 1, 1, 127, 128, 1 << 40, 0])
    #expect(events[0].fileVersion == "brain.Event:2" && events[0].time == 1_700_000_000.5)
    #expect(events[2...5].allSatisfy { $0.scalars == ["loss": -1.5, long: 3e38] })
    #expect(events[2...5].allSatisfy { $0.time == 7.25 && $0.status == nil })
    #expect(events[6].scalars.isEmpty)
  }

  @Test("a resumed run begins a file that sorts behind the others and takes back later steps")
  func resumes() throws {
    for (step, time) in [(0, 2000.0), (5, 2000), (3, 1999), (0, 30000)] {
      _ = try EventFileWriter(folder.url, resumeStep: step, time: time, host: "h")
    }
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.url.path).sorted()
    #expect(
      names == [
        "events.out.tfevents.0000002000.0000.h", "events.out.tfevents.0000002000.0001.h",
        "events.out.tfevents.0000002000.0002.h", "events.out.tfevents.0000030000.0003.h",
      ])
    let starts = try names.map {
      try EventFileReader.events(of: folder.url.appending(path: $0)).dropFirst().map {
        [$0.status, $0.step]
      }
    }
    #expect(starts == [[[1, 1]], [[1, 6]], [[1, 4]], [[1, 1]]])
  }

  @Test("what cannot be written is an error with the path")
  func refusals() throws {
    let nowhere = folder.url.appending(path: "nowhere")
    let error = #expect(throws: TrainingError.self) {
      try EventFileWriter(nowhere, resumeStep: 0, time: 0, host: "h")
    }
    #expect(error?.code == .io && error?.message.contains(nowhere.path) == true)
    let full = try AppendOnlyFile(URL(fileURLWithPath: "/dev/full"))
    let refused = #expect(throws: TrainingError.self) { try full.append(Data([1])) }
    #expect(refused?.code == .io && refused?.message.contains("/dev/full") == true)
  }
}
