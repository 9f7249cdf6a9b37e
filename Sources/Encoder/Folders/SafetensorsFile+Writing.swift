import Foundation
public import Tensors

extension SafetensorsFile {
  /// Writes float32 tensors, in the given order, so that the file is at `path` whole or not at all.
  ///
  /// Traps when two tensors share a name or a shape does not fit its values.
  ///
  /// - Parameters:
  ///   - tensors: name, extents and values of each; the values hold the product of the extents.
  ///   - metadata: free text pairs for the header. Python's libraries expect `format: pt`.
  ///   - path: where to; a file that is there is replaced.
  /// - Throws: `EncoderError` `.io` when the system refuses; nothing is left behind then.
  public static func write(
    _ tensors: [(name: String, shape: [Int], values: Matrix)], metadata: [String: String],
    to path: String
  ) throws {
    let place = URL(filePath: path)
    let temporary = DurableFiles.temporary(beside: place)
    do {
      try create(tensors, metadata: metadata, at: temporary)
      try DurableFiles.move(temporary, to: place)
    } catch {
      try? FileManager.default.removeItem(at: temporary)
      throw error
    }
  }

  /// Writes and flushes a new file.
  static func create(
    _ tensors: [(name: String, shape: [Int], values: Matrix)], metadata: [String: String],
    at file: URL
  ) throws {
    let header = try header(of: tensors, metadata: metadata)
    try DurableFiles.create(file) { handle in
      try handle.write(contentsOf: header)
      for tensor in tensors { try write(tensor.values, to: handle) }
    }
  }

  /// Header length and header, filled with spaces so that the data begin at a multiple of 8.
  private static func header(
    of tensors: [(name: String, shape: [Int], values: Matrix)], metadata: [String: String]
  ) throws -> Data {
    var fields: [String: JSONValue] = [:]
    if !metadata.isEmpty { fields["__metadata__"] = .object(metadata.mapValues { .string($0) }) }
    var end = 0
    for (name, shape, values) in tensors {
      precondition(
        shape.reduce(1, *) == values.count, "\(name): shape \(shape) for \(values.count) values")
      precondition(
        name != "__metadata__" && fields[name] == nil, "two tensors are named \(name)")
      let start = end
      end += values.count * FloatStorage.float32.size
      fields[name] = .object([
        "dtype": .string(FloatStorage.float32.rawValue),
        "shape": .array(shape.map { .integer($0) }),
        "data_offsets": .array([.integer(start), .integer(end)]),
      ])
    }
    var text = try JSONValue.object(fields).compactText()
    text.append(contentsOf: repeatElement(UInt8(ascii: " "), count: (8 - text.count % 8) % 8))
    return Data((0..<8).map { UInt8(truncatingIfNeeded: text.count >> (8 * $0)) }) + text
  }

  /// Writes the values, some rows at a time.
  private static func write(_ values: Matrix, to handle: FileHandle) throws {
    let rows = max(1, (1 << 18) / max(values.columns, 1))
    for start in stride(from: 0, to: values.rows, by: rows) {
      let part = values[rows: start..<min(start + rows, values.rows)]
      try handle.write(contentsOf: FloatStorage.bytes(part.elements))
    }
  }
}
