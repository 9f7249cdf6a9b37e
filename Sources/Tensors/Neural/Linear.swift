internal import CKernels

/// `activation(x · Wᵀ + bias)`: a linear layer with a weight that was packed once.
///
/// Every element of the result depends on its row of `x` and its row of W only, to the last bit:
/// neither the other rows in the call nor the number of threads matter. In `float32` it is one
/// chain of multiply-adds over the inputs in ascending order (fused where the machine can); in
/// `int16` it is a sum over blocks of at most 192 inputs in ascending order, each exact before it
/// is scaled. A NaN or infinity in a row of `x` makes the whole row NaN in `int16`.
///
/// - Parameters:
///   - x: `(rows, inputs)`.
///   - weight: packed `(outputs, inputs)`.
///   - bias: `(1, outputs)`, or nil.
///   - activation: applied last, or nil.
/// - Returns: `(rows, outputs)`. Traps when the extents do not fit.
/// - Complexity: O(rows · inputs · outputs) on our threads; one allocation.
public func linear(
  _ x: Matrix, _ weight: PackedWeight, bias: Matrix? = nil, activation: Activation? = nil
) -> Matrix {
  var y = Matrix(uninitializedRows: x.rows, columns: weight.outputs)
  linear(x, weight, bias: bias, activation: activation, into: &y)
  return y
}

/// The same, written over `y`, whose memory is reused; allocates nothing when `y` is its only owner.
///
/// - Parameter y: `(rows, outputs)`; its elements before the call do not matter.
public func linear(
  _ x: Matrix, _ weight: PackedWeight, bias: Matrix? = nil, activation: Activation? = nil,
  into y: inout Matrix
) {
  precondition(
    x.columns == weight.inputs && y.rows == x.rows && y.columns == weight.outputs,
    "linear: \(x.rows)×\(x.columns) by \(weight.inputs) → \(weight.outputs) into"
      + " \(y.rows)×\(y.columns)")
  if let bias {
    precondition(
      bias.count == weight.outputs, "a bias of \(bias.count) to \(weight.outputs) columns")
  }
  guard y.count > 0 else { return }
  unsafe x.withUnsafeElements { x in
    withOptional(bias) { bias in
      unsafe y.withUnsafeMutableElements { y in
        let layer = unsafe LinearCall(
          weight: weight, x: Shared(orEmpty: x), bias: bias, y: SharedMutable(orEmpty: y),
          activation: activation?.kernel ?? CK_IDENTITY)
        layer.run(rows: y.count / weight.outputs)
      }
    }
  }
}

/// One call of ``linear(_:_:bias:activation:into:)``, split over threads.
private struct LinearCall: Sendable {
  let weight: PackedWeight
  let x: Shared
  let bias: SharedOptional
  let y: SharedMutable
  let activation: ck_activation

  /// Below this many multiply-adds a second thread costs more than it brings.
  private static let worthSplitting = 1 << 21
  /// With fewer rows for each thread than this, the columns are split: each thread then reads its
  /// part of the weight only.
  private static let fewRows = 64

  func run(rows: Int) {
    let all = 0..<weight.outputs
    if Threads.isInsideLoop || rows * weight.inputs * weight.outputs < LinearCall.worthSplitting {
      apply(rows: 0..<rows, columns: all)
    } else if rows >= LinearCall.fewRows * Threads.count {
      Threads.forEachRange(of: rows, minimum: LinearCall.fewRows) { apply(rows: $0, columns: all) }
    } else {
      let width = weight.panelWidth
      let panels = (weight.outputs + width - 1) / width
      Threads.forEachRange(of: panels, minimum: 1) {
        let end = min($0.upperBound * width, weight.outputs)
        apply(rows: 0..<rows, columns: $0.lowerBound * width..<end)
      }
    }
  }

  private func apply(rows: Range<Int>, columns: Range<Int>) {
    let first = rows.lowerBound
    unsafe weight.apply(
      ck_linear(
        x: x.pointer + first * weight.inputs, ldx: weight.inputs, rows: rows.count,
        y: y.pointer + first * weight.outputs, ldy: weight.outputs, bias: bias.pointer,
        activation: activation, firstColumn: columns.lowerBound, columns: columns.count))
  }
}
