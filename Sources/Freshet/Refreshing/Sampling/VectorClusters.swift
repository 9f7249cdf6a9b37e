internal import Tensors

/// Clusters of stored vectors, found on a random choice of them: strata of a sample.
struct VectorClusters {
  private let clusters: SphericalClusters

  /// `(clusters, d)`, of norm 1.
  var centres: Matrix { clusters.centres }

  /// Vectors that centres are computed from, for each of them.
  private static let vectorsPerCluster = 256
  /// Vectors that are copied at once.
  private static let block = 4096

  /// Clusters enough for strata of a sample: a quarter of the square root of the rows, at most 64,
  /// and four rows of the sample in each on average.
  static func count(rows: Int, sample: Int) -> Int {
    max(1, min(Int(Double(rows).squareRoot() / 4), 64, sample / 4))
  }

  /// Clusters rows of `vectors`, `(n, d)`, as a random choice of them lies; the same for the same
  /// seed. Fewer than `count` where fewer directions differ.
  init(_ vectors: Matrix, rows: [Int], count: Int, seed: UInt64) {
    var random = RandomStream(seed: seed, stream: SamplingUse.clusters)
    let chosen = rows.shuffled(using: &random).prefix(Self.vectorsPerCluster * count)
    clusters = SphericalClusters(
      of: vectors.gathering(chosen.sorted()), count: count, random: &random)
  }

  /// The rows of each cluster, ascending.
  func members(_ vectors: Matrix, rows: [Int]) -> [[Int]] {
    var members = [[Int]](repeating: [], count: centres.rows)
    for start in stride(from: 0, to: rows.count, by: Self.block) {
      let block = Array(rows[start..<min(start + Self.block, rows.count)])
      for (row, owner) in zip(block, clusters.owners(of: vectors.gathering(block))) {
        members[owner].append(row)
      }
    }
    return members
  }
}
