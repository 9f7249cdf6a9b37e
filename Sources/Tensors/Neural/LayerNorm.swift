internal import CKernels

/// What the backward pass of a layer norm needs: the normalised rows, and 1 / standard deviation.
public struct LayerNormState: Sendable {
  /// `(rows, columns)`: (x − mean) / sqrt(variance + epsilon).
  public var normalized: Matrix
  /// `(rows, 1)`.
  public var inverseDeviation: Matrix
}

/// Layer normalisation over the columns of each row (Ba et al. 2016), with its residual sum.
public enum LayerNorm {
  /// `x = gamma · norm(x + y + bias) + beta`, in place. Keeps nothing.
  ///
  /// - Parameters:
  ///   - x: `(rows, columns)`; the residual branch on entry, the result on return.
  ///   - y: a branch to add first, or nil.
  ///   - bias: `(1, columns)`, added to `y`.
  public static func apply(
    to x: inout Matrix, adding y: Matrix? = nil, bias: Matrix? = nil, gamma: Matrix, beta: Matrix,
    epsilon: Float
  ) {
    let width = x.columns
    precondition(y.map { $0.rows == x.rows && $0.columns == width } ?? true, "layer norm: shapes")
    precondition(gamma.count == width && beta.count == width, "layer norm: parameter shapes")
    withOptional(y) { y in
      withOptional(bias) { bias in
        unsafe gamma.withUnsafeElements { gamma in
          unsafe beta.withUnsafeElements { beta in
            let parameters = unsafe (Shared(orEmpty: gamma), Shared(orEmpty: beta))
            unsafe x.inRowRangesWithIndex { first, start, rows in
              unsafe ck_layer_norm(
                start, y.pointer.map { unsafe $0 + first * width }, bias.pointer,
                parameters.0.pointer, parameters.1.pointer, epsilon, start, nil, nil, rows, width)
            }
          }
        }
      }
    }
  }

  /// The same on `x + y`, returning the state that ``backward(_:state:gamma:)`` needs.
  public static func applyKeeping(
    to x: inout Matrix, adding y: Matrix? = nil, gamma: Matrix, beta: Matrix, epsilon: Float
  ) -> LayerNormState {
    let (height, width) = (x.rows, x.columns)
    var state = LayerNormState(
      normalized: Matrix(uninitializedRows: height, columns: width),
      inverseDeviation: Matrix(uninitializedRows: height, columns: 1))
    withOptional(y) { y in
      unsafe gamma.withUnsafeElements { gamma in
        unsafe beta.withUnsafeElements { beta in
          unsafe state.normalized.withUnsafeMutableElements { normalized in
            unsafe state.inverseDeviation.withUnsafeMutableElements { deviation in
              let parameters = unsafe (Shared(orEmpty: gamma), Shared(orEmpty: beta))
              let kept = unsafe (
                SharedMutable(orEmpty: normalized), SharedMutable(orEmpty: deviation)
              )
              unsafe x.inRowRangesWithIndex { first, start, rows in
                unsafe ck_layer_norm(
                  start, y.pointer.map { unsafe $0 + first * width }, nil,
                  parameters.0.pointer, parameters.1.pointer, epsilon, start,
                  kept.0.pointer + first * width, kept.1.pointer + first, rows, width)
              }
            }
          }
        }
      }
    }
    return state
  }

  /// `gamma · normalized + beta`: the result of the pass that left `state`, `(rows, columns)`.
  public static func output(of state: LayerNormState, gamma: Matrix, beta: Matrix) -> Matrix {
    let width = state.normalized.columns
    precondition(gamma.count == width && beta.count == width, "layer norm: parameter shapes")
    var result = Matrix(uninitializedRows: state.normalized.rows, columns: width)
    unsafe state.normalized.withUnsafeElements { normalized in
      unsafe gamma.withUnsafeElements { gamma in
        unsafe beta.withUnsafeElements { beta in
          let lent = unsafe (
            Shared(orEmpty: normalized), Shared(orEmpty: gamma), Shared(orEmpty: beta)
          )
          unsafe result.inRowRangesWithIndex { first, start, rows in
            unsafe ck_scale_shift(
              lent.0.pointer + first * width, lent.1.pointer, lent.2.pointer, start, rows, width)
          }
        }
      }
    }
    return result
  }

  /// Turns `gradient`, that of the result, into that of the normalised sum, in place.
  ///
  /// - Returns: the gradients of gamma and beta, `(1, columns)` each, summed over blocks of
  ///   ``rowsPerSum`` rows in their order: the same for any number of threads.
  public static func backward(
    _ gradient: inout Matrix, state: LayerNormState, gamma: Matrix
  ) -> (gamma: Matrix, beta: Matrix) {
    let (height, width) = (gradient.rows, gradient.columns)
    precondition(state.normalized.rows == height, "layer norm backward: shapes")
    let blocks = (height + rowsPerSum - 1) / rowsPerSum
    var (ofGamma, ofBeta) = (
      Matrix(rows: blocks, columns: width), Matrix(rows: blocks, columns: width)
    )
    unsafe gradient.withUnsafeMutableElements { gradient in
      unsafe state.normalized.withUnsafeElements { normalized in
        unsafe state.inverseDeviation.withUnsafeElements { deviation in
          unsafe gamma.withUnsafeElements { gamma in
            unsafe ofGamma.withUnsafeMutableElements { ofGamma in
              unsafe ofBeta.withUnsafeMutableElements { ofBeta in
                let gradient = unsafe SharedMutable(orEmpty: gradient)
                let sums = unsafe (SharedMutable(orEmpty: ofGamma), SharedMutable(orEmpty: ofBeta))
                let kept = unsafe (
                  Shared(orEmpty: normalized), Shared(orEmpty: deviation), Shared(orEmpty: gamma)
                )
                Threads.forEach(blocks) { block in
                  let first = block * rowsPerSum
                  let start = unsafe gradient.pointer + first * width
                  unsafe ck_layer_norm_backward(
                    start, kept.0.pointer + first * width, kept.1.pointer + first,
                    kept.2.pointer, start, sums.0.pointer + block * width,
                    sums.1.pointer + block * width, min(rowsPerSum, height - first), width)
                }
              }
            }
          }
        }
      }
    }
    return (ofGamma.sumOfRows(), ofBeta.sumOfRows())
  }
}

extension Matrix {
  /// The sum of the rows, `(1, columns)`, in their order.
  fileprivate func sumOfRows() -> Matrix {
    var sums = Matrix(rows: 1, columns: columns)
    sums.addColumnSums(of: self)
    return sums
  }
}
