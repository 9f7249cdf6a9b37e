internal import CKernels

/// The numbers a product with a ``PackedWeight`` is computed in.
public enum Precision: String, Sendable, CaseIterable {
  /// 32-bit floats.
  case float32
  /// 16-bit integers with a scale for each row and block of inputs, summed exactly in 32 bits and
  /// added up in floats. An element is off by about 1e-4 · |row|·|weight row| / √inputs; half the
  /// memory, and about 0.55 of the time with AVX-512 VNNI, 0.7 with AVX2.
  case int16
}

/// The weight of a linear layer, packed once into the order in which ``linear(_:_:bias:activation:)``
/// reads it.
///
/// A value whose memory is shared by its copies and never changes. It is packed for the instruction
/// level of this process (see ``Kernels/level``) and is not meant to be stored.
public struct PackedWeight: Sendable {
  /// Number of columns of what it is applied to.
  public let inputs: Int
  /// Number of columns of the result.
  public let outputs: Int
  /// What products with it are computed in.
  public let precision: Precision
  let level: InstructionLevel
  private let panels: Buffer
  private let scales: Buffer?

  /// - Parameters:
  ///   - weight: `(outputs, inputs)`, so that the product is x · Wᵀ; or `(inputs, outputs)` when
  ///     `transposed`, which makes the product x · W (a backward pass).
  ///   - transposed: whether `weight` is `(inputs, outputs)`.
  ///   - precision: what products with it are computed in.
  /// - Complexity: O(inputs · outputs); as much memory as the weight (half of it for `int16`), its
  ///   outputs rounded up to a multiple of 32.
  public init(_ weight: Matrix, transposed: Bool = false, precision: Precision = .float32) {
    self.init(weight, transposed: transposed, precision: precision, level: .current)
  }

  /// The same for an instruction level of ``InstructionLevel/available``.
  init(_ weight: Matrix, transposed: Bool, precision: Precision, level: InstructionLevel) {
    inputs = transposed ? weight.rows : weight.columns
    outputs = transposed ? weight.columns : weight.rows
    self.precision = precision
    self.level = level
    let (inputStride, outputStride) = transposed ? (weight.columns, 1) : (1, weight.columns)
    switch precision {
    case .float32:
      let width = ck_panel_width(level.raw)
      panels = Buffer(uninitialized: inputs * ((outputs + width - 1) / width * width))
      scales = nil
    case .int16:
      let integers = ck_panels_s16(level.raw, inputs, outputs)
      panels = Buffer(uninitialized: (integers + 1) / 2)
      scales = Buffer(uninitialized: ck_scales_s16(level.raw, inputs, outputs))
    }
    unsafe weight.withUnsafeElements { elements in
      guard let start = elements.baseAddress else { return }
      if let scales {
        unsafe ck_pack_s16(
          level.raw, start, inputStride, outputStride, inputs, outputs, panels.base, scales.base)
      } else {
        unsafe ck_pack_f32(
          level.raw, start, inputStride, outputStride, inputs, outputs, panels.base)
      }
    }
  }

  /// Bytes held.
  public var byteCount: Int { (panels.capacity + (scales?.capacity ?? 0)) * 4 }

  /// Bytes that a weight of these extents takes in `float32`, before it is packed.
  public static func byteCount(inputs: Int, outputs: Int) -> Int {
    let width = ck_panel_width(InstructionLevel.current.raw)
    return inputs * ((outputs + width - 1) / width * width) * 4
  }

  /// Columns of a panel: the unit in which columns are split over threads.
  var panelWidth: Int { ck_panel_width(level.raw) }

  /// Computes the rows and columns that `call` names, on this thread.
  func apply(_ call: ck_linear) {
    var call = unsafe call
    var weight = unsafe ck_weight(
      level: level.raw, inputs: inputs, outputs: outputs, panels: panels.base,
      scales: scales?.base)
    switch precision {
    case .float32: unsafe ck_linear_f32(&weight, &call)
    case .int16: unsafe ck_linear_s16(&weight, &call)
    }
  }
}
