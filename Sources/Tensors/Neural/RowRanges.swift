extension Shared {
  /// The start of a buffer; for an empty one, an address that is never read.
  init(orEmpty buffer: UnsafeBufferPointer<Float>) {
    unsafe self.init(buffer.baseAddress ?? UnsafePointer(emptyAddress))
  }
}

extension SharedMutable {
  init(orEmpty buffer: UnsafeMutableBufferPointer<Float>) {
    unsafe self.init(buffer.baseAddress ?? emptyAddress)
  }
}

/// A valid address for buffers without elements. Never read or written.
nonisolated(unsafe) private let emptyAddress = UnsafeMutablePointer<Float>.allocate(capacity: 1)

/// Rows below which a row-wise loop stays on one thread.
let minimumRowsPerThread = 64

extension Matrix {
  /// Runs `body(address of the first row, number of rows)` on ranges of rows, on all threads.
  mutating func inRowRanges(_ body: @Sendable (UnsafeMutablePointer<Float>, Int) -> Void) {
    unsafe inRowRangesWithIndex { _, start, rows in unsafe body(start, rows) }
  }

  /// The same with the index of the first row in front.
  mutating func inRowRangesWithIndex(
    _ body: @Sendable (Int, UnsafeMutablePointer<Float>, Int) -> Void
  ) {
    let (height, width) = (rows, columns)
    unsafe withUnsafeMutableElements { all in
      let all = unsafe SharedMutable(orEmpty: all)
      Threads.forEachRange(of: height, minimum: minimumRowsPerThread) { range in
        unsafe body(range.lowerBound, all.pointer + range.lowerBound * width, range.count)
      }
    }
  }
}
