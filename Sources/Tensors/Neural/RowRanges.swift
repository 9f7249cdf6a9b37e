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

/// An optional pointer lent to a parallel loop; see ``Shared``.
///
/// @unchecked Sendable: the loop ends before the loan does, and nothing is written through it.
@safe struct SharedOptional: @unchecked Sendable {
  let pointer: UnsafePointer<Float>?
}

/// Lends the elements of a matrix, if there is one.
func withOptional(_ matrix: Matrix?, _ body: (SharedOptional) -> Void) {
  guard let matrix else { return unsafe body(SharedOptional(pointer: nil)) }
  unsafe matrix.withUnsafeElements { unsafe body(SharedOptional(pointer: $0.baseAddress)) }
}

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
