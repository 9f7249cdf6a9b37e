internal import CKernels

extension Matrix {
  /// Replaces each row by `softmax(scale · row)`.
  public mutating func softmaxRows(scale: Float = 1) {
    let width = columns
    guard width > 0 else { return }
    unsafe inRowRanges { start, rows in
      unsafe ck_softmax(start, rows, width, width, scale)
    }
  }

  /// log Σ exp(scale · x) of each row.
  public func logSumExpRows(scale: Float = 1) -> [Float] {
    let (height, width) = (rows, columns)
    return unsafe withUnsafeElements { all in
      (0..<height).map { i in
        guard let start = all.baseAddress else { return -Float.infinity }
        return unsafe ck_log_sum_exp(start + i * width, width, scale)
      }
    }
  }
}
