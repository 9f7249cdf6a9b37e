import Foundation
import Tensors
import TestSupport
import Testing

@testable import Encoder

@Suite("safetensors files")
struct SafetensorsFileTests {
  @Test("elements equal those PyTorch reads")
  func elementsEqualPython() throws {
    let file = try SafetensorsFile(path: FolderFixtures.url("legacy/model.safetensors").path)
    guard
      case .array(let elements) = try JSONObject.value(
        contentsOf: FolderFixtures.url("elements.json"))
    else { Issue.record("no list"); return }
    #expect(elements.count == 39 * 3)
    for case .object(let fields) in elements {
      let element = JSONObject(file: "elements.json", fields: fields)
      let name = try #require(try element.string("tensor"))
      let index = try #require(try element.integer("index", minimum: 0))
      let value = try #require(try element.number("value"))
      #expect(try file.matrix(name).elements[index] == Float(value), "\(name)[\(index)]")
    }
  }

  @Test("half precision equals PyTorch's conversion, every element", arguments: ["f16", "bf16"])
  func halvesEqualPython(folder: String) throws {
    let path = FolderFixtures.url(folder).appending(path: "model.safetensors").path
    let file = try SafetensorsFile(path: path)
    let names = file.names.filter { $0 != "embeddings.position_ids" }.sorted()
    let expected = try FolderFixtures.floats("\(folder)/values.f32")
    #expect(try names.flatMap { try file.matrix($0).elements } == expected)
    var parts = Data()
    for name in names { try file.forEachPart(of: name) { parts.append($0) } }
    #expect(parts == FloatStorage.bytes(expected))
  }

  @Test("subnormal, signed zero, largest and infinite halves", arguments: ["f16", "bf16"])
  func oddHalves(name: String) throws {
    let file = try SafetensorsFile(path: FolderFixtures.url("values.safetensors").path)
    let found = try file.matrix(name).elements.map(\.bitPattern)
    #expect(found.count == 13)
    #expect(found == (try file.matrix("\(name).float32").elements.map(\.bitPattern)))
  }

  @Test("shapes, names and metadata")
  func shapes() throws {
    let file = try SafetensorsFile(path: FolderFixtures.url("values.safetensors").path)
    #expect(file.metadata == ["made": "by PyTorch"])
    #expect(file.names.count == 10)
    #expect(file.shape(of: "matrix") == [2, 3])
    #expect(file.shape(of: "scalar") == [])
    #expect(file.shape(of: "nothing") == nil)
    #expect(try file.matrix("matrix") == Matrix([[0, 1, 2], [3, 4, 5]]))
    #expect(try file.matrix("scalar") == Matrix([[2.5]]))
    #expect(try file.matrix("f16").rows == 1)
    let empty = try file.matrix("empty")
    #expect((empty.rows, empty.columns) == (0, 4))
  }

  @Test("what is not a matrix of floats is refused by name", arguments: [
    ("cube", EncoderError.Code.unsupported, "[1, 1, 1]"), ("whole", .unsupported, "I64"),
    ("double", .unsupported, "F64"), ("nothing", .missingTensor, "\"nothing\""),
  ])
  func refusals(name: String, code: EncoderError.Code, fragment: String) throws {
    let file = try SafetensorsFile(path: FolderFixtures.url("values.safetensors").path)
    let error = try encoderError(code) { _ = try file.matrix(name) }
    #expect(error.message.contains(fragment) && error.message.contains("values.safetensors"))
  }

  @Test("an unaligned tensor is copied, with the same values")
  func unaligned() throws {
    let scratch = try TemporaryFolder()
    for padding in 0..<4 {
      let header = #"{"x":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]}}"#
      let file = scratch.url.appending(path: "\(padding).safetensors")
      let text = Data((header + String(repeating: " ", count: padding)).utf8)
      try (headerLength(text.count) + text + FloatStorage.bytes([1.5, -2])).write(to: file)
      #expect(try SafetensorsFile(path: file.path).matrix("x") == Matrix([[1.5, -2]]))
    }
  }
}

/// The first 8 bytes of a file whose header has `count` bytes.
func headerLength(_ count: Int) -> Data {
  Data((0..<8).map { UInt8(truncatingIfNeeded: count >> (8 * $0)) })
}
