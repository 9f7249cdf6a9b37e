internal import CKernels

/// Sums of word, position and first-type embeddings for packed tokens.
///
/// - Parameters:
///   - ids: token ids; every one below `words.rows`. Traps otherwise.
///   - places: position of each token in its sequence; below `positions.rows`.
/// - Returns: `(tokens, hidden)`.
public func embeddingSums(
  words: Matrix, positions: Matrix, types: Matrix, ids: [Int32], places: [Int32]
) -> Matrix {
  precondition(ids.allSatisfy { $0 >= 0 && $0 < words.rows }, "a token id is not in the table")
  precondition(
    places.allSatisfy { $0 >= 0 && $0 < positions.rows }, "a position is not in the table")
  precondition(ids.count == places.count && types.rows > 0, "embedding sums: shapes")
  let width = words.columns
  var result = Matrix(uninitializedRows: ids.count, columns: width)
  unsafe words.withUnsafeElements { words in
    unsafe positions.withUnsafeElements { positions in
      unsafe types.withUnsafeElements { types in
        unsafe result.withUnsafeMutableElements { out in
          unsafe ck_embed(
            words.baseAddress, positions.baseAddress, types.baseAddress, ids, places,
            out.baseAddress, ids.count, width)
        }
      }
    }
  }
  return result
}

extension Matrix {
  /// Adds row i of `source` to row `indices[i]`, in order: the backward pass of a table look-up.
  public mutating func scatterAdd(_ source: Matrix, to indices: [Int32]) {
    precondition(source.columns == columns && source.rows == indices.count, "scatterAdd: shapes")
    precondition(indices.allSatisfy { $0 >= 0 && $0 < rows }, "scatterAdd: a row is not there")
    let width = columns
    unsafe withUnsafeMutableElements { target in
      unsafe source.withUnsafeElements { source in
        guard let target = target.baseAddress, let source = source.baseAddress else { return }
        for (i, row) in indices.enumerated() {
          unsafe ck_axpy(1, source + i * width, target + Int(row) * width, width)
        }
      }
    }
  }
}
