internal import Tensors

/// Largest magnitude an element may have: the inner product of two rows of 100,000 of them is
/// still finite in float32, so no score is ever infinite or NaN.
private let largestMagnitude: Float = 1e15

/// Throws `IndexError.invalidArgument` naming the first row with NaN, infinity, or a number beyond
/// `largestMagnitude`. O(rows · columns).
func checkUsable(_ matrix: Matrix, called name: String) throws(IndexError) {
  guard let position = firstUnusable(in: matrix) else { return }
  let (row, column) = (position / matrix.columns, position % matrix.columns)
  throw IndexError(
    .invalidArgument,
    "\(name) \(row) has \(matrix[row, column]) at position \(column): "
      + "embeddings must be finite (and are unit vectors, as a rule)")
}

/// Position of the first element that is not finite or too large.
private func firstUnusable(in matrix: Matrix) -> Int? {
  // Without its sign, a float's bit pattern orders like its magnitude, infinity and NaN above all
  // others: an integer maximum finds a bad block, and vectorises as a float one would not.
  let limit = largestMagnitude.bitPattern
  return unsafe matrix.withUnsafeElements { all in
    for start in stride(from: 0, to: all.count, by: 4096) {
      let end = min(start + 4096, all.count)
      var largest: UInt32 = 0
      for i in start..<end { unsafe largest = max(largest, all[i].bitPattern & 0x7fff_ffff) }
      if largest <= limit { continue }
      for i in start..<end where unsafe all[i].bitPattern & 0x7fff_ffff > limit { return i }
    }
    return nil
  }
}
