internal import Tensors

/// 1 − cosine of each row of `vectors` and the same row of `fresh`, both `(n, d)`: 0 for one
/// direction, 1 where one of them is a zero vector. What lies below 0 is rounding, and is cut off.
func drifts(of vectors: Matrix, from fresh: Matrix) -> [Double] {
  let norms = zip(vectors.rowNorms(), fresh.rowNorms()).map { Double($0) * Double($1) }
  return zip(rowDots(vectors, fresh), norms).map { $1 > 0 ? max(1 - Double($0) / $1, 0) : 1 }
}
