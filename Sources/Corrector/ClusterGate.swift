public import Tensors

/// Shares of a stale vector in clusters: a softmax of its cosines to the centroids.
public struct ClusterGate: Sendable {
  /// Unit rows, `(k, d)`.
  public let centroids: Matrix
  /// τ; the logits are `cosine / τ`. Positive; towards 0 only the nearest centroid counts.
  public let temperature: Float

  /// The gate of these centroids. Traps when there are none, or the temperature is not positive.
  public init(centroids: Matrix, temperature: Float) {
    precondition(
      centroids.rows > 0 && temperature > 0,
      "a gate of \(centroids.rows) clusters at temperature \(temperature)")
    (self.centroids, self.temperature) = (centroids, temperature)
  }

  /// Shares of every row in every cluster.
  ///
  /// - Parameter rows: `(n, d)`, of any norm.
  /// - Returns: `(n, k)`; every row sums to 1. A row of zeros belongs to all clusters alike.
  public func shares(of rows: Matrix) -> Matrix {
    var unit = rows
    unit.normalizeRows()
    let cosines = product(unit, centroids, transposeB: true)
    return Matrix(
      rows: rows.rows, columns: centroids.rows,
      elements: (0..<rows.rows).flatMap { row in
        logSoftmax(cosines.row(row), Double(temperature)).map { Float(exponential($0)) }
      })
  }
}

extension ClusterGate {
  /// The gate of clusters found by spherical k-means (Dhillon and Modha 2001): rows belong to the
  /// centroid of greatest cosine, centroids are the directions of their rows' sums.
  ///
  /// It begins at rows drawn by k-means++ (Arthur and Vassilvitskii 2007), each with a chance in
  /// proportion to its distance `1 − cosine` from those drawn before.
  ///
  /// - Parameters:
  ///   - rows: `(n, d)`, n > 0.
  ///   - count: clusters wanted; fewer are made where fewer rows differ.
  init(clustering rows: Matrix, into count: Int, temperature: Float, seed: UInt64) {
    precondition(rows.rows > 0 && count > 0, "\(count) clusters of \(rows.rows) rows")
    var unit = rows
    unit.normalizeRows()
    var random = RandomStream(seed: seed, stream: RandomUse.clusters)
    var centroids = firstCentroids(of: unit, count: count, random: &random)
    for _ in 0..<10 { centroids = recentred(centroids, on: unit) }
    self.init(centroids: centroids, temperature: temperature)
  }

  /// Rows that are nearest to each centroid.
  func sizes(on rows: Matrix) -> [Int] {
    var unit = rows
    unit.normalizeRows()
    let owners = nearestCentroids(unit, centroids)
    return (0..<centroids.rows).map { cluster in owners.count { $0 == cluster } }
  }
}

private func firstCentroids(
  of unit: Matrix, count: Int, random: inout RandomStream
) -> Matrix {
  var drawn = [Int(random.uniform() * Double(unit.rows))]
  var distances = [Double](repeating: .infinity, count: unit.rows)
  while drawn.count < count {
    let latest = product(unit, unit.gathering([drawn[drawn.count - 1]]), transposeB: true)
    for row in distances.indices {
      // Equal rows differ by rounding only: they are no further cluster.
      let distance = 1 - Double(latest[row, 0])
      distances[row] = min(distances[row], distance > 1e-6 ? distance : 0)
    }
    var left = random.uniform() * distances.reduce(0, +)
    let next = distances.firstIndex { distance in
      left -= distance
      return left < 0
    }
    guard let next else { break }
    drawn.append(next)
  }
  return unit.gathering(drawn)
}

/// Each centroid turned to the sum of the rows nearest to it; one that has none stays.
private func recentred(_ centroids: Matrix, on unit: Matrix) -> Matrix {
  let owners = nearestCentroids(unit, centroids)
  var result = centroids
  for c in 0..<centroids.rows {
    let members = owners.indices.filter { owners[$0] == c }
    if !members.isEmpty { result.setRow(c, to: unit.gathering(members).columnSums()) }
  }
  result.normalizeRows()
  return result
}

private func nearestCentroids(_ unit: Matrix, _ centroids: Matrix) -> [Int] {
  let cosines = product(unit, centroids, transposeB: true)
  return (0..<unit.rows).map { topK(cosines.row($0), k: 1).first?.row ?? 0 }
}
