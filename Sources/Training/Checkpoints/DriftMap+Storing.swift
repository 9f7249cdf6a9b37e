import Tensors

/// The map of a run that keeps passages predictable, as a checkpoint holds it.
extension DriftMap {
  var tensors: [(name: String, values: Matrix)] {
    [("gram", gram), ("cross", cross), ("weight", weight)]
  }

  /// The map that was stored.
  ///
  /// - Parameter tensor: gives a tensor by name, and throws when it has another shape.
  func restored(
    updates: Int, tensor: (_ name: String, _ like: Matrix) throws -> Matrix
  ) rethrows -> DriftMap {
    var map = self
    map.gram = try tensor("gram", gram)
    map.cross = try tensor("cross", cross)
    map.weight = try tensor("weight", weight)
    map.updates = updates
    return map
  }
}
