internal import Tensors

/// Rows of the validation part that choose a ridge's strength, at most.
private let choosingRows = 1000

/// Chooses the strength whose map stands in best for the fresh vectors in retrieval.
///
/// Best is the smallest mean `KL(P ‖ P_h)` over the validation rows, each of which asks once for the
/// others (``Judgement/kl``). The squared distance, which ridge minimises, asks for a stronger
/// penalty than retrieval does: it prefers to keep the vectors where it is in doubt. On MiniLM
/// fine-tuned on Debian descriptions, over five samples of 420 pairs, it brought back 21% of the
/// lost nDCG@10 by ridge and 20% by text ridge; KL 25% and 27%.
/// The squared distance is looked at after all where fewer than three validation rows are left, and
/// where vectors are not of norm 1: the temperature is one for cosines.
///
/// - Parameters:
///   - map: the map fitted to the train part at a strength, or nil when its system is singular.
///   - validation: rows for choosing.
/// - Returns: the best strength, or nil when no strength gives a usable map.
func chooseStrength(
  from strengths: [Double], validation: CorrectionPairs, options: FitOptions,
  map: (Double) -> (any Corrector)?
) -> Double? {
  let rows = min(validation.stale.rows, choosingRows)
  let (stale, fresh) = (validation.stale[rows: 0..<rows], validation.fresh[rows: 0..<rows])
  let features = validation.features.map { $0[rows: 0..<rows] }
  var best: (loss: Double, strength: Double)?
  for strength in strengths.sorted(by: >) {
    guard let corrected = map(strength)?.apply(stale, features: features) else { continue }
    let loss =
      rows < 3 || !options.normalizes
      ? meanSquaredDistance(corrected, fresh)
      : mean(
        HeldOutScores(corrected: corrected, fresh: fresh, queries: nil, options: options)
          .divergences)
    if loss.isFinite, best.map({ loss < $0.loss }) ?? true { best = (loss, strength) }
  }
  return best?.strength
}

/// Mean over rows of `‖a − b‖²`; both `(n, d)`. 0 for no rows.
func meanSquaredDistance(_ a: Matrix, _ b: Matrix) -> Double {
  var difference = a
  difference.add(b, scaledBy: -1)
  return difference.sumOfSquares() / Double(max(a.rows, 1))
}
