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
  /// The gate of clusters of the rows; see `SphericalClusters`.
  ///
  /// - Parameters:
  ///   - rows: `(n, d)`, n > 0.
  ///   - count: clusters wanted; fewer are made where fewer directions differ.
  init(clustering rows: Matrix, into count: Int, temperature: Float, seed: UInt64) {
    var random = RandomStream(seed: seed, stream: RandomUse.clusters)
    let clusters = SphericalClusters(of: rows, count: count, random: &random)
    self.init(centroids: clusters.centres, temperature: temperature)
  }

  /// Rows that are nearest to each centroid.
  func sizes(on rows: Matrix) -> [Int] {
    let nearest = exactTopK(queries: rows, passages: centroids, k: 1).map { $0.first?.row }
    return (0..<centroids.rows).map { cluster in nearest.count { $0 == cluster } }
  }
}
