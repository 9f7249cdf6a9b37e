import Tensors

/// The passages that one step encoded, each once, with their embeddings: what staleness is measured
/// by and the corrector learns from. Values only: no gradient flows from here to the encoder.
struct DriftTargets {
  /// Rows of the corpus, in the order they were encoded.
  private(set) var rows: [Int] = []
  private var parts: [Matrix] = []
  private var seen: Set<Int> = []

  /// (rows, d): embeddings as the step computed them, with its dropout.
  var fresh: Matrix { .concatenatingRows(parts) }

  /// Adds the passages of one loss; those that were there before, or are not of the corpus, are
  /// passed over.
  ///
  /// - Parameter embeddings: (ids, d).
  mutating func add(_ ids: [String], _ embeddings: Matrix, _ corpus: any PassageCorpus) {
    let known = ids.enumerated().compactMap { place, id in
      corpus.passageIndex(of: id).map { (place: place, row: $0) }
    }
    let new = known.filter { seen.insert($0.row).inserted }
    guard !new.isEmpty else { return }
    rows += new.map(\.row)
    parts.append(embeddings.gathering(new.map(\.place)))
  }
}

/// How far embeddings of passages are from fresh ones: the mean of `‖g − g'‖² / ‖g‖²`.
///
/// - Parameters:
///   - old: g', (n, d), n > 0.
///   - fresh: g, (n, d).
func staleness(of old: Matrix, from fresh: Matrix) -> Double {
  var difference = old
  difference.add(fresh, scaledBy: -1)
  let (distances, norms) = (rowDots(difference, difference), rowDots(fresh, fresh))
  let ratios = zip(distances, norms).map { Double($0) / max(Double($1), 1e-24) }
  return ratios.reduce(0, +) / Double(max(ratios.count, 1))
}
