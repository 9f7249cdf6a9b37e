internal import CKernels

/// An element-wise non-linearity of a feed-forward layer.
public enum Activation: String, Sendable, CaseIterable {
  /// x · Φ(x), Φ the normal distribution function ("gelu").
  case gelu
  /// The tanh approximation of it ("gelu_new", "gelu_pytorch_tanh", "gelu_fast").
  case geluTanh
  /// max(x, 0).
  case relu

  var kernel: ck_activation {
    switch self {
    case .gelu: CK_GELU
    case .geluTanh: CK_GELU_TANH
    case .relu: CK_RELU
    }
  }
}

extension Matrix {
  /// `activation(x)`, element by element.
  public func activated(_ activation: Activation) -> Matrix {
    let width = columns
    var result = Matrix(uninitializedRows: rows, columns: width)
    unsafe withUnsafeElements { all in
      let all = unsafe Shared(orEmpty: all)
      unsafe result.inRowRangesWithIndex { first, start, rows in
        unsafe ck_activate(all.pointer + first * width, start, rows * width, activation.kernel)
      }
    }
    return result
  }

  /// Turns this gradient with respect to `activation(pre)` into that with respect to `pre`.
  public mutating func backwardThrough(_ activation: Activation, pre: Matrix) {
    precondition(pre.rows == rows && pre.columns == columns, "activation: shapes differ")
    let width = columns
    unsafe pre.withUnsafeElements { pre in
      let pre = unsafe Shared(orEmpty: pre)
      unsafe inRowRangesWithIndex { first, start, rows in
        unsafe ck_activation_backward(
          pre.pointer + first * width, start, start, rows * width, activation.kernel)
      }
    }
  }

  /// Adds a `(1, columns)` bias to every row.
  public mutating func addBias(_ bias: Matrix) {
    precondition(bias.count == columns, "a bias of \(bias.count) to \(columns) columns")
    let width = columns
    unsafe inRowRanges { start, rows in
      unsafe bias.withUnsafeElements { bias in
        unsafe ck_add_bias(start, bias.baseAddress, rows, width)
      }
    }
  }

  /// Adds the sum of each column of `other` to this `(1, columns)` gradient of a bias.
  ///
  /// Blocks of ``rowsPerSum`` rows are summed each for itself, then the blocks in their order: the
  /// same for any number of threads.
  public mutating func addColumnSums(of other: Matrix) {
    precondition(count == other.columns, "\(count) sums of \(other.columns) columns")
    let (height, width) = (other.rows, other.columns)
    let blocks = (height + rowsPerSum - 1) / rowsPerSum
    if blocks > 1 {
      var partial = Matrix(rows: blocks, columns: width)
      unsafe other.withUnsafeElements { all in
        unsafe partial.withUnsafeMutableElements { sums in
          let (all, sums) = unsafe (Shared(orEmpty: all), SharedMutable(orEmpty: sums))
          Threads.forEach(blocks) { block in
            let first = block * rowsPerSum
            unsafe ck_add_column_sums(
              all.pointer + first * width, sums.pointer + block * width,
              min(rowsPerSum, height - first), width)
          }
        }
      }
      return addColumnSums(of: partial)
    }
    unsafe withUnsafeMutableElements { sums in
      unsafe other.withUnsafeElements { all in
        guard let sums = sums.baseAddress, let all = all.baseAddress else { return }
        unsafe ck_add_column_sums(all, sums, height, width)
      }
    }
  }
}

/// Rows that are summed together before sums are added up: fixed, so that results do not depend on
/// the number of threads.
let rowsPerSum = 256
