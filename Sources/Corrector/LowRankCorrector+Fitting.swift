internal import Tensors

/// How many strengths are tried from that of ridge downwards: a map of low rank is held back by its
/// rank already, and asks for no stronger penalty.
private let strengthsTried = 3

/// What a low-rank map is chosen by.
struct LowRankSetting: Hashable {
  let strength: Double
  let rank: Int
}

/// The ridge map of one system and strength, turned so that its leading directions come first.
///
/// Reduced-rank regression (Izenman 1975) with ridge's penalty (Mukherjee and Zhu 2011): among maps
/// of rank r, `W · P` has the smallest `‖X·W_r − T‖² + λ‖W_r‖²`, where W is the ridge map and P
/// projects on the r leading eigenvectors of `Wᵀ (XᵀX + λ·I) W` (for λ = 0, on the right singular
/// vectors of the fitted X·W).
struct ReducedRank {
  private let system: PrimalRidge
  /// `W · E`, `(d, d')`, and `Eᵀ`, `(d', d')`: the eigenvectors E, greatest eigenvalue first.
  private let turned: [Double], eigenvectors: [Double]

  /// - Throws: `LinearAlgebraError` when the system is singular at this strength.
  init(_ system: PrimalRidge, strength: Double) throws(LinearAlgebraError) {
    let (d, e) = (system.inputs, system.outputs)
    let weight = try system.weight(penalty: system.penalty(strength: strength))
    // Symmetric and not negative: its singular vectors are its eigenvectors.
    eigenvectors = try singularValueDecomposition(
      system.fittedGram(weight), rows: e, columns: e
    ).vt
    turned = transposedProduct(
      transposed(weight, rows: d, columns: e), transposed(eigenvectors, rows: e, columns: e),
      n: e, rows: d, columns: e)
    self.system = system
  }

  /// The best map of this rank, at most d'.
  func map(rank: Int, normalizes: Bool) -> LowRankCorrector {
    let (d, e) = (system.inputs, system.outputs)
    let u = (0..<d).flatMap { turned[$0 * e..<$0 * e + rank] }
    let v = Array(eigenvectors[..<(rank * e)])
    let weight = transposedProduct(
      transposed(u, rows: d, columns: rank), v, n: rank, rows: d, columns: e)
    return LowRankCorrector(
      u: Matrix(rows: d, columns: rank, elements: u.map { Float($0) }),
      v: Matrix(rows: rank, columns: e, elements: v.map { Float($0) }),
      bias: system.bias(of: weight).map { Float($0) }, addsInput: system.addsInput,
      normalizes: normalizes)
  }
}

extension LowRankCorrector {
  /// The maps of all pairs and of all but each part, of the options' ranks below both dimensions.
  ///
  /// - Parameter strength: that of the ridge maps.
  static func search(
    _ pairs: FoldedPairs, _ systems: RidgeSystems, below strength: Double, options: FitOptions
  ) -> HeldOutSearch<LowRankSetting> {
    let border = min(pairs.pairs.stale.columns, pairs.pairs.fresh.columns)
    let ranks = options.ranks.filter { $0 < border }.sorted()
    let strengths = options.ridgeStrengths.sorted(by: >).drop { $0 > strength }
    let settings = strengths.prefix(strengthsTried).flatMap { strength in
      ranks.map { LowRankSetting(strength: strength, rank: $0) }
    }
    // One decomposition serves all ranks.
    var known: [Key: ReducedRank] = [:]
    return HeldOutSearch(pairs: pairs, options: options, settings: settings) { part, setting in
      let key = Key(part: part, strength: setting.strength)
      if known[key] == nil {
        known[key] = try? ReducedRank(systems[without: part], strength: setting.strength)
      }
      return known[key]?.map(rank: setting.rank, normalizes: options.normalizes)
    }
  }

  private struct Key: Hashable {
    let part: Int?
    let strength: Double
  }
}

extension Fitter {
  /// The map of the rank and strength that retrieve best.
  func lowRank(_ shared: SharedFits) -> Result<CrossFit, SkipReason> {
    shared.searched(.ridge).flatMap { ridge in
      guard let systems = shared.ridgeSystems else {
        return .failure(SkipReason(text: "no moments"))
      }
      let search = LowRankCorrector.search(
        folded, systems, below: ridge.setting, options: options)
      guard !search.settings.isEmpty else {
        let (d, e) = (pairs.stale.columns, pairs.fresh.columns)
        return .failure(
          SkipReason(text: "no rank of \(options.ranks) is below the dimensions, \(d) and \(e)"))
      }
      let found = search.crossFit { "rank \($1.rank), strength \($1.strength)" }
      guard let found else {
        return .failure(SkipReason(text: "the decomposition fails at every strength"))
      }
      return .success(found.fit)
    }
  }
}
