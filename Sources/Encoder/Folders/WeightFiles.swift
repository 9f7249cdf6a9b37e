import Foundation
import Tensors

/// The named tensors of a model in one safetensors file, or in several with an index.
struct WeightFiles: Sendable {
  /// The file, or the index: what messages name.
  let path: String
  /// Names of all tensors.
  let names: [String]
  private let files: [String: SafetensorsFile]

  /// Opens `model.safetensors`, or every file that `model.safetensors.index.json` lists.
  ///
  /// - Throws: `EncoderError` as ``SafetensorsFile/init(path:)``; `.damagedFile` when the index
  ///   names a file outside its folder, or a tensor that its file lacks.
  init(path: String) throws {
    self.path = path
    guard path.hasSuffix(".json") else {
      let file = try SafetensorsFile(path: path)
      names = file.names
      files = Dictionary(file.names.map { ($0, file) }) { first, _ in first }
      return
    }
    let index = try JSONObject(contentsOf: URL(filePath: path))
    guard let map = try index.object("weight_map") else {
      throw EncoderError(.damagedFile, "\(path) has no \"weight_map\"; copy the file again")
    }
    names = map.fields.keys.sorted()
    files = try Self.open(names, map, beside: URL(filePath: path))
  }

  private static func open(
    _ names: [String], _ map: JSONObject, beside index: URL
  ) throws -> [String: SafetensorsFile] {
    var opened: [String: SafetensorsFile] = [:]
    var files: [String: SafetensorsFile] = [:]
    for name in names {
      guard let part = try map.string(name), !part.contains("/") else {
        throw EncoderError(
          .damagedFile, "\(map.file): tensor \"\(name)\" is said to lie outside the folder")
      }
      let place = index.deletingLastPathComponent().appending(path: part).path
      let file = try opened[part] ?? SafetensorsFile(path: place)
      opened[part] = file
      guard file.shape(of: name) != nil else {
        throw EncoderError(
          .damagedFile, "\(place) lacks tensor \"\(name)\", which \(index.path) says it holds")
      }
      files[name] = file
    }
    return files
  }

  /// Extents of a tensor, nil when there is none of this name.
  func shape(of name: String) -> [Int]? { files[name]?.shape(of: name) }

  /// A tensor as floats; see ``SafetensorsFile/matrix(_:)``.
  func matrix(_ name: String) throws -> Matrix { try file(of: name).matrix(name) }

  /// A tensor's values as little-endian float32 bytes, part after part, however stored.
  func forEachPart(of name: String, _ body: (Data) throws -> Void) throws {
    try file(of: name).forEachPart(of: name, body)
  }

  private func file(of name: String) throws -> SafetensorsFile {
    guard let file = files[name] else {
      throw EncoderError(.missingTensor, "\(path) has no tensor \"\(name)\"")
    }
    return file
  }
}
