/// Groups of vectors of about one direction, by spherical k-means (Dhillon and Modha, "Concept
/// decompositions for large sparse text data using clustering", 2001): a vector belongs to the centre
/// of greatest cosine, a centre is the direction of its vectors' sum.
public struct SphericalClusters: Sendable {
  /// `(clusters, d)`, of norm 1.
  public let centres: Matrix

  private static let rounds = 10
  /// Vectors that are tried as a next centre at the start.
  private static let trialsPerCentre = 5

  /// Clusters the rows of `vectors`.
  ///
  /// It begins at centres far from each other by greedy k-means++ (Arthur and Vassilvitskii 2007):
  /// for each next one, some vectors are drawn with a chance in proportion to their distance
  /// `1 − cosine` from the nearest centre so far, and that one is taken which leaves the least of it.
  ///
  /// - Parameters:
  ///   - vectors: `(n, d)`, n > 0, of any norm.
  ///   - count: clusters wanted; fewer are made where fewer directions differ.
  /// - Complexity: O(n · d · count).
  public init(of vectors: Matrix, count: Int, random: inout RandomStream) {
    precondition(vectors.rows > 0 && count > 0, "\(count) clusters of \(vectors.rows) vectors")
    var unit = vectors
    unit.normalizeRows()
    var centres = start(unit, count, Self.trialsPerCentre, &random)
    for _ in 0..<Self.rounds { centres = recentred(centres, on: unit) }
    self.centres = centres
  }

  /// The cluster of each vector, `(n, d)`, of any norm.
  public func owners(of vectors: Matrix) -> [Int] { nearest(vectors, centres) }
}

/// The centre of greatest inner product with each vector: of greatest cosine, at any length.
private func nearest(_ vectors: Matrix, _ centres: Matrix) -> [Int] {
  exactTopK(queries: vectors, passages: centres, k: 1).map { $0.first?.row ?? 0 }
}

private func start(
  _ unit: Matrix, _ count: Int, _ trialsPerCentre: Int, _ random: inout RandomStream
) -> Matrix {
  var chosen = [Int.random(in: 0..<unit.rows, using: &random)]
  var distances = distances(of: unit, to: chosen[0])
  while chosen.count < count, distances.contains(where: { $0 > 0 }) {
    let trials = (0..<trialsPerCentre).map { _ -> (row: Int, left: [Double], sum: Double) in
      let row = drawn(distances, &random)
      let left = zip(distances, Tensors.distances(of: unit, to: row)).map { min($0, $1) }
      return (row, left, left.reduce(0, +))
    }
    guard let best = trials.min(by: { $0.sum < $1.sum }) else { break }
    chosen.append(best.row)
    distances = best.left
  }
  return unit.gathering(chosen)
}

/// 1 − cosine of each row and that of one; what is rounding is 0, for equal rows are no clusters.
private func distances(of unit: Matrix, to row: Int) -> [Double] {
  product(unit, unit.gathering([row]), transposeB: true).elements.map {
    let distance = 1 - Double($0)
    return distance > 1e-6 ? distance : 0
  }
}

/// An index by chance in proportion to its weight; any where all weights are 0.
private func drawn(_ weights: [Double], _ random: inout RandomStream) -> Int {
  var left = random.uniform() * weights.reduce(0, +)
  let index = weights.firstIndex {
    left -= $0
    return left < 0
  }
  return index ?? Int.random(in: weights.indices, using: &random)
}

/// Each centre turned to the sum of its vectors; one that has none stays.
private func recentred(_ centres: Matrix, on unit: Matrix) -> Matrix {
  let owners = nearest(unit, centres)
  var result = centres
  for cluster in 0..<centres.rows {
    let members = owners.indices.filter { owners[$0] == cluster }
    let sum = unit.gathering(members).columnSums()
    if sum.contains(where: { $0 != 0 }) { result.setRow(cluster, to: sum) }
  }
  result.normalizeRows()
  return result
}
