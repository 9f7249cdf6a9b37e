import Tensors
import Training

/// Some of an update's rows, whose embeddings one forward pass of the tower has found already.
///
/// A tower's weights stay as they are for a whole update and a row's embedding depends on the row
/// alone: the engine's micro-batches and chunks take their rows out of that one pass, and leave the
/// embeddings' gradients for one backward pass. That gives the sums the engine would make pass by
/// pass, in products of a size that is quick.
struct UpdateRows: DifferentiableRows {
  /// (n, d): the embeddings of all rows of the update.
  let embeddings: Matrix
  /// Which of them these are.
  let range: Range<Int>

  var costs: [Int] { [Int](repeating: 1, count: range.count) }

  func encode(_ part: Range<Int>) -> (Matrix, Range<Int>) {
    let rows = range.lowerBound + part.lowerBound..<range.lowerBound + part.upperBound
    return (embeddings[rows: rows], rows)
  }

  /// Adds to the rows of `gradients`, which has the shape of ``embeddings``.
  func backward(_ gradient: Matrix, _ rows: Range<Int>, into gradients: inout Matrix) {
    var sum = gradients[rows: rows]
    sum.add(gradient)
    gradients.setRows(startingAt: rows.lowerBound, to: sum)
  }
}
