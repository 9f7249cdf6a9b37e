internal import Tensors

/// Groups of vectors of about one direction, by spherical k-means (Dhillon and Modha, "Concept
/// decompositions for large sparse text data using clustering", 2001).
struct VectorClusters {
  /// `(clusters, d)`, of norm 1.
  let centres: Matrix

  /// Vectors that centres are computed from, for each of them.
  private static let vectorsPerCluster = 256
  private static let rounds = 10
  /// Vectors that are tried as a next centre at the start.
  private static let trialsPerCentre = 5
  /// Vectors that are copied at once.
  private static let block = 4096

  /// Clusters enough for strata of a sample: a quarter of the square root of the rows, at most 64,
  /// and four rows of the sample in each on average.
  static func count(rows: Int, sample: Int) -> Int {
    max(1, min(Int(Double(rows).squareRoot() / 4), 64, sample / 4))
  }

  /// Clusters rows of `vectors`, `(n, d)`, as a random choice of them lies; the same for the same
  /// seed.
  init(_ vectors: Matrix, rows: [Int], count: Int, seed: UInt64) {
    precondition(count > 0 && rows.count >= count, "\(count) clusters of \(rows.count) rows")
    var random = RandomStream(seed: seed, stream: SamplingUse.clusters)
    let chosen = rows.shuffled(using: &random).prefix(Self.vectorsPerCluster * count)
    var training = vectors.gathering(chosen.sorted())
    training.normalizeRows()
    var centres = Self.start(training, count, &random)
    for _ in 0..<Self.rounds { centres = Self.moved(centres, training) }
    self.centres = centres
  }

  /// The rows of each cluster, ascending.
  func members(_ vectors: Matrix, rows: [Int]) -> [[Int]] {
    var members = [[Int]](repeating: [], count: centres.rows)
    for start in stride(from: 0, to: rows.count, by: Self.block) {
      let block = Array(rows[start..<min(start + Self.block, rows.count)])
      for (row, owner) in zip(block, Self.owners(vectors.gathering(block), centres)) {
        members[owner].append(row)
      }
    }
    return members
  }

  /// The centre of greatest inner product with each vector: of greatest cosine, at any length.
  private static func owners(_ vectors: Matrix, _ centres: Matrix) -> [Int] {
    exactTopK(queries: vectors, passages: centres, k: 1).map { $0.first?.row ?? 0 }
  }

  /// Centres far from each other by greedy k-means++ (Arthur and Vassilvitskii 2007): for each next
  /// one, some vectors are drawn with a chance in proportion to their squared distance from the
  /// nearest centre so far, 2 − 2 · cosine, and that one is taken which leaves the least of it.
  private static func start(
    _ vectors: Matrix, _ count: Int, _ random: inout RandomStream
  ) -> Matrix {
    var chosen = [Int.random(in: 0..<vectors.rows, using: &random)]
    var distances = distances(of: vectors, to: chosen[0])
    while chosen.count < count {
      let trials = (0..<trialsPerCentre).map { _ -> (row: Int, left: [Double]) in
        let row = drawn(distances, &random)
        return (row, zip(distances, self.distances(of: vectors, to: row)).map { min($0, $1) })
      }
      let sums = trials.map { $0.left.reduce(0, +) }
      guard let best = zip(trials, sums).min(by: { $0.1 < $1.1 })?.0 else { break }
      chosen.append(best.row)
      distances = best.left
    }
    return vectors.gathering(chosen)
  }

  /// 1 − cosine of each vector and that of one row.
  private static func distances(of vectors: Matrix, to row: Int) -> [Double] {
    product(vectors, vectors.gathering([row]), transposeB: true).elements
      .map { max(1 - Double($0), 0) }
  }

  /// An index by chance in proportion to its weight; any where all weights are 0.
  private static func drawn(_ weights: [Double], _ random: inout RandomStream) -> Int {
    var left = random.uniform() * weights.reduce(0, +)
    let index = weights.firstIndex {
      left -= $0
      return left < 0
    }
    return index ?? Int.random(in: weights.indices, using: &random)
  }

  /// Each centre as the direction of its vectors' sum; one that has none stays.
  private static func moved(_ centres: Matrix, _ vectors: Matrix) -> Matrix {
    var isMember = [Float](repeating: 0, count: centres.rows * vectors.rows)
    for (i, owner) in owners(vectors, centres).enumerated() {
      isMember[owner * vectors.rows + i] = 1
    }
    var sums = product(
      Matrix(rows: centres.rows, columns: vectors.rows, elements: isMember), vectors)
    sums.normalizeRows()
    for centre in 0..<sums.rows where sums.row(centre).allSatisfy({ $0 == 0 }) {
      sums.setRow(centre, to: centres.row(centre))
    }
    return sums
  }
}
