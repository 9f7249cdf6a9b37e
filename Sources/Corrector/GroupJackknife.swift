internal import Tensors

/// The share of true neighbours found, with groups of passages left out in turn, as queries and as
/// passages searched: what it would be in other samples.
///
/// Leaving out single passages counts every exchange of a neighbour for the next best as if it were
/// never evened out, and gives intervals of twice the width: which neighbours are found is no smooth
/// function of the sample. Groups are left out instead (Shao and Wu, "A general theory for jackknife
/// variance estimation", 1989), of several partitions, for one has few groups and tells their
/// spread badly.
struct GroupJackknife {
  private let k: Int
  /// Of each partition, the group of every passage.
  let partitions: [[Int]]
  /// Groups of a partition: about the square root of the passages, so that groups are neither few
  /// nor too like single passages.
  let groups: Int
  /// Sum over all queries; by partition, sums over those outside each group among passages outside.
  private var whole = 0.0
  private var without: [[Double]]

  private static let mostGroups = 20, repeats = 6

  /// - Parameters:
  ///   - rows: passages, each of which asks once.
  ///   - k: neighbours.
  init(rows: Int, k: Int) {
    let groups = max(1, min(Self.mostGroups, Int(Double(rows).squareRoot())))
    (self.k, self.groups) = (k, groups)
    var random = RandomStream(seed: UInt64(rows), stream: RandomUse.groups)
    partitions = (0..<Self.repeats).map { _ in
      (0..<rows).map { $0 % groups }.shuffled(using: &random)
    }
    without = [[Double]](repeating: [Double](repeating: 0, count: groups), count: Self.repeats)
  }

  /// Nearest passages that a query's lists should have: no group takes so many of them that fewer
  /// than k are left, but by rare chance.
  static func listed(k: Int) -> Int { 3 * k }

  /// Adds the query of a passage.
  ///
  /// - Parameters:
  ///   - found: the share found among all passages.
  ///   - truth, guess: rows of the nearest ``listed(k:)`` passages, best first, its own not among
  ///     them.
  mutating func add(query: Int, found: Double, truth: [Int], guess: [Int]) {
    whole += found
    for (place, groupOf) in partitions.enumerated() {
      let touched = Set((truth.prefix(k) + guess.prefix(k)).map { groupOf[$0] })
      for group in 0..<groups where groupOf[query] != group {
        without[place][group] += touched.contains(group)
          ? share(truth.filter { groupOf[$0] != group }, guess.filter { groupOf[$0] != group })
          : found
      }
    }
  }

  private func share(_ truth: [Int], _ guess: [Int]) -> Double {
    let nearest = truth.prefix(k), found = guess.prefix(k)
    return Double(nearest.count { found.contains($0) }) / Double(max(found.count, 1))
  }

  /// Values whose mean is the mean over all queries, and whose number and spread are such that the
  /// variance of that mean is that of samples.
  var pseudoValues: [Double] {
    let rows = partitions[0].count
    let all = whole / Double(rows)
    // As many values as partitions have groups together tell no more than one partition's.
    let stretch = Double(partitions.count).squareRoot()
    return zip(partitions, without).flatMap { groupOf, sums in
      let values = sums.enumerated().map { group, sum in
        let left = groupOf.count { $0 != group }
        return Double(groups) * all - Double(groups - 1) * sum / Double(max(left, 1))
      }
      let middle = mean(values)
      return values.map { all + stretch * ($0 - middle) }
    }
  }
}
