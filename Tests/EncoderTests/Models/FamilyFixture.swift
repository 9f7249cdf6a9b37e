import Foundation
import Tensors
import TestSupport
import Testing

@testable import Encoder

/// A small random encoder and what PyTorch makes of it, by tools/fixtures/family_reference.py, laid
/// out as the folder that the Python libraries would write.
struct FamilyFixture {
  /// The expected values, and the weights they came from.
  let file: SafetensorsFile
  let folder: EncoderFolder
  let model: EmbeddingModel
  let tokens: PackedTokens
  let scratch: TemporaryFolder

  /// - Parameter schema: of the pooling's configuration.
  init(_ name: String, modernSchema: Bool = true) throws {
    let path = fixtures.appending(path: "encoder/\(name).safetensors").path
    file = try SafetensorsFile(path: path)
    scratch = try TemporaryFolder()
    let metadata = file.metadata
    func decoded<Value: Decodable>(_ key: String) throws -> Value {
      try JSONDecoder().decode(Value.self, from: Data(metadata[key, default: ""].utf8))
    }
    let url = scratch.url.appending(path: "model")
    try Self.write(file, config: metadata["config", default: ""], to: url)
    if !name.hasPrefix("dpr") {
      try Self.writeModules(try decoded("modules"), pooling: try decoded("pooling"), file, to: url)
      let withoutPrompt = metadata["promptLength"] != "0"
      try url.edit("1_Pooling/config.json", ["include_prompt": .bool(!withoutPrompt)])
    }
    let dimensions = Int(metadata["dimensions", default: ""]).flatMap { $0 > 0 ? $0 : nil }
    folder = try EncoderFolder(reading: url, dimensions: dimensions)
    model = try EmbeddingModel(
      folder.configuration, pooling: folder.pooling, modules: folder.modules,
      dimensions: folder.dimensions, tensors: folder.canonicalTensors())
    let sequences: [[Int32]] = try decoded("sequences")
    let promptLength = Int(metadata["promptLength", default: ""]) ?? 0
    tokens = PackedTokens(
      sequences, promptLengths: [Int](repeating: promptLength, count: sequences.count))
  }

  /// The names of the weights, as the file has them.
  var weightNames: [String] { Self.weightNames(file) }

  private static func weightNames(_ file: SafetensorsFile) -> [String] {
    file.names.filter {
      !$0.hasPrefix("expected.") && !$0.hasPrefix("gradient.") && $0 != "upstream"
    }
  }

  /// The gradient that PyTorch has for a tensor of this canonical name.
  func expectedGradient(_ canonical: String) throws -> Matrix {
    let name = try #require(
      weightNames.first { name in
        let projection = TensorNames.projections(of: String(canonical.dropFirst(10)))
        return name == canonical || projection.contains(name)
          || TensorNames.canonical(name, folder.configuration.family) == canonical
      }, "\(canonical) has no gradient in the fixture")
    return try file.matrix("gradient." + name)
  }

  private static func write(_ file: SafetensorsFile, config: String, to url: URL) throws {
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    try url.replace("config.json", by: config)
    try write(file, weightNames(file).filter { !$0.hasPrefix("modules.") }, dropping: 0, to: url)
  }

  private static func write(
    _ file: SafetensorsFile, _ names: [String], dropping prefix: Int, to folder: URL
  ) throws {
    let tensors = try names.map { name in
      (String(name.dropFirst(prefix)), try #require(file.shape(of: name)), try file.matrix(name))
    }
    try SafetensorsFile.write(
      tensors, metadata: [:], to: folder.appending(path: "model.safetensors").path)
  }

  private static func writeModules(
    _ modules: [[String: JSONValue]], pooling: [String], _ file: SafetensorsFile, to url: URL
  ) throws {
    let kinds = ["Transformer", "Pooling"].map(JSONValue.string) + modules.compactMap { $0["type"] }
    var list: [JSONValue] = []
    for (index, kind) in kinds.enumerated() {
      guard case .string(let kind) = kind else { continue }
      let path = index == 0 ? "" : "\(index)_\(kind)"
      list.append(.object([
        "path": .string(path), "type": .string("sentence_transformers.models.\(kind)"),
      ]))
      let folder = url.appending(path: path)
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      guard index > 0 else { continue }
      let config = index == 1
        ? ["pooling_mode": .array(pooling.map { .string($0) })] : modules[index - 2]
      try JSONValue.object(config).text().write(to: folder.appending(path: "config.json"))
      let names = file.names.filter { $0.hasPrefix("modules.\(index).") }
      try write(file, names, dropping: "modules.\(index).".count, to: folder)
    }
    try JSONValue.array(list).text().write(to: url.appending(path: "modules.json"))
  }
}
