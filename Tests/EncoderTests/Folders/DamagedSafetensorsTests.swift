import Foundation
import Tensors
import TestSupport
import Testing

@testable import Encoder

@Suite("damaged safetensors files")
struct DamagedSafetensorsTests {
  /// The beginning of a header: a tensor of 8 bytes.
  private static let x = #"{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}"#

  /// A file of the given header text and number of data bytes, opened.
  private func open(_ header: String, dataBytes: Int) throws {
    let scratch = try TemporaryFolder()
    let file = scratch.url.appending(path: "model.safetensors")
    let text = Data(header.utf8)
    try (headerLength(text.count) + text + Data(count: dataBytes)).write(to: file)
    _ = try SafetensorsFile(path: file.path)
  }

  @Test("a file cut anywhere is refused, naming the file")
  func cutAnywhere() throws {
    let whole = try Data(contentsOf: FolderFixtures.url("values.safetensors"))
    let scratch = try TemporaryFolder()
    let file = scratch.url.appending(path: "cut.safetensors")
    for count in 0..<whole.count {
      try whole.prefix(count).write(to: file)
      let error = try encoderError(.damagedFile) { _ = try SafetensorsFile(path: file.path) }
      #expect(error.message.contains(file.path), "cut to \(count) bytes: \(error.message)")
    }
  }

  @Test("a file cut within the data names the tensor")
  func cutInData() throws {
    let whole = try Data(contentsOf: FolderFixtures.url("legacy/model.safetensors"))
    let scratch = try TemporaryFolder()
    let file = scratch.url.appending(path: "cut.safetensors")
    try whole.dropLast().write(to: file)
    let last = try #require(
      try SafetensorsFile(path: FolderFixtures.url("legacy/model.safetensors").path).names.last)
    let error = try encoderError(.damagedFile) { _ = try SafetensorsFile(path: file.path) }
    #expect(error.message.contains("\"\(last)\"") && error.message.contains("cut"))
  }

  @Test("a header changed anywhere opens or is refused, and never traps")
  func changedHeader() throws {
    let whole = try Data(contentsOf: FolderFixtures.url("values.safetensors"))
    let scratch = try TemporaryFolder()
    let file = scratch.url.appending(path: "changed.safetensors")
    let header = 8 + Int(whole[0]) + Int(whole[1]) << 8
    var refused = 0
    for position in 0..<header {
      for byte in [UInt8(ascii: "9"), UInt8(ascii: "-"), 0xFF] {
        var changed = whole
        changed[position] = byte
        try changed.write(to: file)
        do {
          let opened = try SafetensorsFile(path: file.path)
          for name in opened.names { _ = try? opened.matrix(name) }
        } catch is EncoderError {
          refused += 1
        }
      }
    }
    #expect(refused > header)
  }

  @Test("contradictions in the header", arguments: [
    (Self.x + #","y":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}"#, 12,
      #"tensor "y" overlaps "x""#),
    (Self.x + #","y":{"dtype":"F32","shape":[1],"data_offsets":[12,16]}}"#, 16,
      #"tensor "y" leaves a gap after "x""#),
    (#"{"x":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}"#, 12, "gap after the header"),
    (#"{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#, 9, "1 bytes after \"x\""),
    (#"{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,12]}}"#, 12, "needs 8 bytes"),
    (#"{"x":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}"#, 8, "impossible offsets"),
    (#"{"x":{"dtype":"F32","shape":[2],"data_offsets":[-8,0]}}"#, 8, "impossible offsets"),
    (#"{"x":{"dtype":"F32","shape":[2],"data_offsets":[0]}}"#, 8, "impossible offsets"),
    (#"{"x":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}"#, 8, "impossible shape"),
    (#"{"x":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}}"#, 0,
      "impossible shape"),
    (#"{"x":{"shape":[2],"data_offsets":[0,8]}}"#, 8, #""x": no "dtype""#),
    (#"{"x":{"dtype":"F32","shape":[1.5],"data_offsets":[0,8]}}"#, 8,
      "tensor \"x\" has the impossible shape"),
    (#"{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,1e30]}}"#, 8, "impossible offsets"),
    (#"{"x":7}"#, 8, #""x""#),
    (#"{"__metadata__":{"a":1}}"#, 0, "__metadata__"),
    ("{\"x\":\n{", 0, "line 2"),
    ("", 0, "not valid JSON"),
  ])
  func contradictions(header: String, dataBytes: Int, fragment: String) throws {
    let error = try encoderError(.damagedFile) { try open(header, dataBytes: dataBytes) }
    #expect(error.message.contains(fragment), "\(error.message)")
    #expect(error.message.contains("model.safetensors"))
  }

  @Test("a dtype nobody knows is refused by name")
  func unknownType() throws {
    let header = #"{"x":{"dtype":"Q7","shape":[2],"data_offsets":[0,2]}}"#
    let error = try encoderError(.unsupported) { try open(header, dataBytes: 2) }
    #expect(error.message.contains("Q7") && error.message.contains("\"x\""))
  }

  @Test("other files that carry the name", arguments: [
    ("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n", "git lfs pull"),
    ("PK\u{3}\u{4} a zip file with a pickle inside it", "not a safetensors file"),
  ])
  func otherFiles(text: String, fragment: String) throws {
    let scratch = try TemporaryFolder()
    try scratch.url.replace("model.safetensors", by: text)
    let error = try encoderError(.damagedFile) {
      _ = try SafetensorsFile(path: scratch.url.appending(path: "model.safetensors").path)
    }
    #expect(error.message.contains(fragment), "\(error.message)")
  }

  @Test("no file, or a folder")
  func noFile() throws {
    let scratch = try TemporaryFolder()
    try encoderError(.missingFile) {
      _ = try SafetensorsFile(path: scratch.url.appending(path: "none").path)
    }
    let error = try encoderError(.io) { _ = try SafetensorsFile(path: scratch.url.path) }
    #expect(error.message.contains("it is a folder"), "\(error.message)")
  }
}
