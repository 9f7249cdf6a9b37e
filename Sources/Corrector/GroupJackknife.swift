internal import Tensors

/// The share of true neighbours found, with groups of passages left out in turn, as queries and as
/// passages searched: what it would be in other samples.
///
/// Leaving out single passages counts every exchange of a neighbour for the next best as if it were
/// never evened out, and gives intervals of twice the width: which neighbours are found is no smooth
/// function of the sample. Groups are (Shao and Wu, "A general theory for jackknife variance
/// estimation", 1989).
struct GroupJackknife {
  private let rows: Int, k: Int
  private let groups: Int
  /// Sums over all queries, and over those outside each group among passages outside it.
  private var whole = 0.0
  private var without: [Double]

  /// Few groups tell their spread badly, small ones are too like single passages.
  private static let mostGroups = 20

  /// - Parameters:
  ///   - rows: passages, each of which asks once.
  ///   - k: neighbours.
  init(rows: Int, k: Int) {
    (self.rows, self.k) = (rows, k)
    groups = max(1, min(Self.mostGroups, Int(Double(rows).squareRoot())))
    without = [Double](repeating: 0, count: groups)
  }

  /// Nearest passages that a query's lists should have: none of the groups takes so many of them
  /// that fewer than k are left, but by rare chance.
  var listed: Int { 3 * k }

  /// Adds the query of a passage.
  ///
  /// - Parameters:
  ///   - found: the share found among all passages.
  ///   - truth, guess: rows of the nearest ``listed`` passages, best first, its own not among them.
  mutating func add(query: Int, found: Double, truth: [Int], guess: [Int]) {
    whole += found
    let touched = Set((truth.prefix(k) + guess.prefix(k)).map { $0 % groups })
    for group in 0..<groups where query % groups != group {
      without[group] +=
        touched.contains(group) ? share(without: group, truth, guess) : found
    }
  }

  private func share(without group: Int, _ truth: [Int], _ guess: [Int]) -> Double {
    let nearest = truth.lazy.filter { $0 % groups != group }.prefix(k)
    let found = guess.filter { $0 % groups != group }.prefix(k)
    return Double(nearest.count { found.contains($0) }) / Double(max(found.count, 1))
  }

  /// One value a group, whose mean is the mean over all queries and whose spread is that of samples.
  var pseudoValues: [Double] {
    let all = whole / Double(rows)
    let values = without.enumerated().map { group, sum in
      let size = (rows - group + groups - 1) / groups
      return Double(groups) * all - Double(groups - 1) * sum / Double(max(rows - size, 1))
    }
    let shift = mean(values) - all
    return values.map { $0 - shift }
  }
}
