import Foundation
import Tensors

/// How distances between tokens share attention biases: exact when near, in logarithmic steps up to
/// 128, and the directions apart (Raffel et al. 2020, section 2.1, as MPNet computes it).
enum RelativeBuckets {
  /// The bucket of a key `distance` places after its query, of `count` buckets.
  static func bucket(ofDistance distance: Int, count: Int) -> Int {
    let half = count / 2
    let near = half / 2
    let direction = distance > 0 ? half : 0
    let size = abs(distance)
    guard size >= near else { return direction + size }
    // In float32 as PyTorch: at powers of two the logarithm falls exactly between two buckets.
    let steps =
      log(Float(size) / Float(near)) / Float(log(128 / Double(near))) * Float(half - near)
    return direction + min(near + Int(steps), half - 1)
  }

  /// The bias of every distance up to `reach`, given the table `(buckets, heads)`.
  static func expand(_ table: Matrix, reach: Int) -> RelativeBias {
    let columns = (-reach...reach).map { bucket(ofDistance: $0, count: table.rows) }
    return RelativeBias(table: table.gathering(columns).transposed())
  }

  /// Adds the gradient of the expanded bias, `(heads, 2 · reach + 1)`, to that of the table.
  static func contract(_ gradient: Matrix, into table: inout Matrix) {
    let reach = gradient.columns / 2
    let buckets = (-reach...reach).map { Int32(bucket(ofDistance: $0, count: table.rows)) }
    table.scatterAdd(gradient.transposed(), to: buckets)
  }
}
