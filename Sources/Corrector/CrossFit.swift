internal import Tensors

/// A corrector fitted to all pairs, and the vectors of each part as correctors make them that were
/// fitted to the other parts (cross-fitting): nothing is lost to judging, and nothing is judged by
/// what has seen it.
struct CrossFit {
  /// Fitted to all pairs.
  let corrector: any Corrector
  /// Fitted without each of the parts.
  let withoutParts: [any Corrector]
  /// `(n, d')`, in the order of the folds.
  let outOfFold: Matrix
  /// `(n, d')`: what maps make of each row that were fitted to all others, where that is known
  /// without fitting them; see ``RidgeSystem/leavingOutOwn(_:inputs:fresh:strength:)``.
  var leftOut: Matrix?
  /// What fitting chose, in words for people.
  let note: String

  init(
    _ corrector: any Corrector, withoutParts: [any Corrector], of pairs: FoldedPairs,
    note: String = ""
  ) {
    precondition(withoutParts.count == pairs.folds.parts.count, "a corrector for every part")
    self.corrector = corrector
    self.withoutParts = withoutParts
    self.note = note
    outOfFold = pairs.outOfFold { withoutParts[$0] }
  }

  /// What comes nearest to what the corrector makes of rows it has not seen: each kind is chosen by
  /// ``outOfFold``, on like terms, and what is foretold of it is this.
  var unseen: Matrix { leftOut ?? outOfFold }
}

/// Pairs in the order of their folds, and what is known of them.
struct FoldedPairs {
  let pairs: CorrectionPairs
  let folds: Folds

  init(_ pairs: CorrectionPairs, _ folds: Folds) {
    self.pairs = pairs.gathering(folds.order)
    self.folds = folds
  }

  /// The pairs of one part.
  func part(_ index: Int) -> CorrectionPairs { pairs[rows: folds.parts[index]] }

  /// The pairs of all parts but these.
  func outside(_ left: Set<Int>) -> CorrectionPairs {
    left.isEmpty ? pairs : pairs.gathering(folds.positions(outside: left))
  }

  /// Corrects each part by the corrector that `fitted` gives for it; `(n, d')`.
  func outOfFold(_ fitted: (_ part: Int) -> any Corrector) -> Matrix {
    .concatenatingRows(
      folds.parts.indices.map { index in
        let part = part(index)
        return fitted(index).apply(part.stale, features: part.features)
      })
  }
}

extension CorrectionPairs {
  /// The pairs of a range of rows.
  subscript(rows range: Range<Int>) -> CorrectionPairs {
    CorrectionPairs(
      stale: stale[rows: range], fresh: fresh[rows: range],
      features: features.map { $0[rows: range] })
  }
}
