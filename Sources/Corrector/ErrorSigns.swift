internal import Tensors

/// What can be known of a row's error without its fresh vector.
struct ErrorSigns: Sendable, Equatable {
  /// `1 − cos(stale, corrected)`; 0 between spaces of different dimension, where it means nothing.
  var moved: Double
  /// Distance of the stale row to the nearest cluster of rows the corrector was fitted on.
  var strangeness: Double
}

/// The signs of every row: stale `(n, d)`, corrected `(n, d')`.
func errorSigns(stale: Matrix, corrected: Matrix, grounds: FitGrounds) -> [ErrorSigns] {
  let distances = grounds.distances(of: stale)
  let moved =
    stale.columns == corrected.columns
    ? rowCosines(stale, corrected).map { 1 - $0 } : [Double](repeating: 0, count: stale.rows)
  return zip(moved, distances).map { ErrorSigns(moved: $0, strangeness: $1) }
}

/// Where the stale rows of the fit part lie: centres of their clusters.
struct FitGrounds: Sendable, Codable, Equatable {
  private let dimension: Int
  private let elements: [Float]

  private var centres: Matrix {
    Matrix(rows: elements.count / dimension, columns: dimension, elements: elements)
  }

  /// Clusters `rows` by Lloyd's k-means from a seeded choice of rows; up to 16 clusters, of about
  /// ten rows or more.
  init(of rows: Matrix, seed: UInt64) {
    precondition(rows.rows > 0 && rows.columns > 0, "no rows to cluster")
    var random = RandomStream(seed: seed, stream: RandomUse.centroids)
    let k = min(16, max(1, rows.rows / 10))
    var centres = rows.gathering(Array((0..<rows.rows).shuffled(using: &random).prefix(k)))
    for _ in 0..<10 { centres = recentred(centres, on: rows) }
    dimension = rows.columns
    elements = centres.elements
  }

  /// Euclidean distance of each row, `(n, d)`, to its nearest centre.
  func distances(of rows: Matrix) -> [Double] {
    nearest(rows, centres).map { max($0.squaredDistance, 0).squareRoot() }
  }
}

/// For each row, the nearest centre and its squared distance, by `|x|² − 2·x·c + |c|²`.
private func nearest(
  _ rows: Matrix, _ centres: Matrix
) -> [(centre: Int, squaredDistance: Double)] {
  let lengths = rowDots(rows, rows), centreLengths = rowDots(centres, centres)
  let dots = product(rows, centres, transposeB: true)
  return (0..<rows.rows).map { i in
    var best = (centre: 0, squaredDistance: Double.infinity)
    for (c, dot) in dots.row(i).enumerated() {
      let distance = Double(lengths[i]) - 2 * Double(dot) + Double(centreLengths[c])
      if distance < best.squaredDistance { best = (c, distance) }
    }
    return best
  }
}

/// Each centre moved to the mean of the rows nearest to it; one that has none stays.
private func recentred(_ centres: Matrix, on rows: Matrix) -> Matrix {
  let owners = nearest(rows, centres).map(\.centre)
  var result = centres
  for c in 0..<centres.rows {
    let members = owners.indices.filter { owners[$0] == c }
    guard !members.isEmpty else { continue }
    result.setRow(c, to: rows.gathering(members).columnSums().map { $0 / Float(members.count) })
  }
  return result
}
