/// The rows that may be among the best `k` of a query, by what is known of their scores.
///
/// Each row's exact score lies between two bounds. When `k` rows have lower bounds of at least t, a
/// row whose upper bound is below t is none of the best; all others are kept.
struct Candidates {
  struct Candidate {
    var row: Int
    var lower, upper: Float
  }

  private let k: Int
  private(set) var found: [Candidate] = []
  /// Rows whose upper bound is below this are not among the best.
  private(set) var threshold = -Float.infinity
  private var capacity: Int

  /// The best `k` ≥ 1 are wanted.
  init(k: Int) {
    self.k = k
    capacity = 4 * k + 64
  }

  /// All rows of at least this score are wanted.
  init(scoring least: Float) {
    k = .max
    capacity = .max
    threshold = least
  }

  mutating func offer(row: Int, score: Float, error: Float) {
    let upper = score + error
    guard upper >= threshold else { return }
    found.append(Candidate(row: row, lower: score - error, upper: upper))
    if found.count >= capacity { prune() }
  }

  /// Takes in what another part of the rows gave.
  mutating func merge(_ other: Candidates) {
    threshold = max(threshold, other.threshold)
    found += other.found
    if k < .max { prune() }
  }

  /// Those still possible, the highest upper bound first.
  func ordered() -> [Candidate] {
    found.filter { $0.upper >= threshold }.sorted { $0.upper > $1.upper }
  }

  private mutating func prune() {
    if k <= found.count {
      var lows = found.map(\.lower)
      threshold = max(threshold, kthLargest(&lows, k))
    }
    let least = threshold
    found.removeAll { $0.upper < least }
    capacity = max(4 * k + 64, 2 * found.count)
  }
}

/// The `k`-th largest of `values`, 1 ≤ k ≤ count; leaves them in another order. Expected O(n).
private func kthLargest(_ values: inout [Float], _ k: Int) -> Float {
  var (low, high) = (0, values.count - 1)
  while low < high {
    // The middle of three: ordered values, which are common, would make the ends a bad choice.
    let (a, b, c) = (values[low], values[(low + high) / 2], values[high])
    let pivot = max(min(a, b), min(max(a, b), c))
    var (i, j) = (low, high)
    while i <= j {
      while values[i] > pivot { i += 1 }
      while values[j] < pivot { j -= 1 }
      guard i <= j else { break }
      values.swapAt(i, j)
      i += 1
      j -= 1
    }
    if k - 1 <= j {
      high = j
    } else if k - 1 >= i {
      low = i
    } else {
      return values[k - 1]
    }
  }
  return values[k - 1]
}
