public import Tensors

/// One trainable tensor: its name, shape, and the model-file tensors it is made of.
public struct ParameterSlot: Sendable, Equatable {
  /// Our name for it; the file's name when it is one tensor there.
  public let name: String
  /// Shape; vectors are one row.
  public let rows: Int, columns: Int
  /// The tensors of the file, in order: stacked by rows (matrices) or laid end to end (vectors).
  public let parts: [String]
  /// Whether the file holds vectors (shape `[n]`) here.
  public let isVector: Bool
  /// Whether AdamW decays it: biases and layer norms are left alone, as is usual.
  public var decays: Bool { !isVector }

  package static func matrix(
    _ name: String, _ rows: Int, _ columns: Int, parts: [String]? = nil
  ) -> Self {
    Self(name: name, rows: rows, columns: columns, parts: parts ?? [name], isVector: false)
  }

  package static func vector(_ name: String, _ count: Int, parts: [String]? = nil) -> Self {
    Self(name: name, rows: 1, columns: count, parts: parts ?? [name], isVector: true)
  }
}

/// A value for every slot of a model: its weights, their gradients, or an optimizer's moments.
public struct Parameters: Sendable, Equatable {
  /// What the values are, in order.
  public let slots: [ParameterSlot]
  /// One matrix per slot, of the slot's shape.
  public var values: [Matrix]

  /// Values for the slots, in order. Traps when a shape differs.
  public init(slots: [ParameterSlot], values: [Matrix]) {
    precondition(slots.count == values.count, "\(values.count) values for \(slots.count) slots")
    for (slot, value) in zip(slots, values) {
      precondition(
        slot.rows == value.rows && slot.columns == value.columns,
        "\(slot.name) is \(value.rows)×\(value.columns), not \(slot.rows)×\(slot.columns)")
    }
    self.slots = slots
    self.values = values
  }

  /// Zeros in every slot.
  public init(zerosLike other: Parameters) {
    self.init(
      slots: other.slots,
      values: other.slots.map { Matrix(rows: $0.rows, columns: $0.columns) })
  }

  /// Number of scalars.
  public var count: Int { values.reduce(0) { $0 + $1.count } }

  /// The Euclidean norm over all values: what gradient clipping looks at.
  public var norm: Double {
    values.concurrentMap { $0.sumOfSquares() }.reduce(0, +).squareRoot()
  }

  /// Sets every value to zero.
  public mutating func clear() {
    for i in values.indices { values[i].scale(by: 0) }
  }

  /// The tensors of a model file: fused slots are taken apart again.
  public func fileTensors() -> [(name: String, shape: [Int], values: Matrix)] {
    zip(slots, values).flatMap { slot, value in
      let n = slot.parts.count
      return slot.parts.enumerated().map { i, part in
        if slot.isVector {
          let length = slot.columns / n
          let piece = value.reshaped(rows: n, columns: length)[rows: i..<i + 1]
          return (part, [length], piece)
        }
        let height = slot.rows / n
        return (part, [height, slot.columns], value[rows: i * height..<(i + 1) * height])
      }
    }
  }

  /// Reads the slots from the tensors of a model file.
  ///
  /// A slot of one tensor shares its memory, which may be the mapped file; tensors that a slot
  /// fuses (query, key and value) are copied.
  ///
  /// - Parameter tensors: by name; `(r, c)` for matrices, `(1, n)` for vectors.
  /// - Throws: `EncoderError` naming a tensor that is missing or has another shape.
  public init(slots: [ParameterSlot], tensors: [String: Matrix]) throws(EncoderError) {
    var values: [Matrix] = []
    for slot in slots {
      var parts: [Matrix] = []
      for name in slot.parts {
        guard let part = tensors[name] else {
          throw EncoderError(.missingTensor, "the model has no tensor \(name)")
        }
        parts.append(part)
      }
      let value =
        parts.count == 1
        ? parts[0] : slot.isVector ? .concatenatingColumns(parts) : .concatenatingRows(parts)
      guard value.rows == slot.rows, value.columns == slot.columns else {
        throw EncoderError(
          .wrongShape,
          "\(slot.name) is \(value.rows)×\(value.columns), expected \(slot.rows)×\(slot.columns)")
      }
      values.append(value)
    }
    self.init(slots: slots, values: values)
  }
}
