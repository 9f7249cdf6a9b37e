import Foundation
import Tensors

/// How far the softmax over some targets by corrected embeddings is from that by fresh ones.
enum SoftmaxMatch {
  /// The mean over queries of the cross-entropy `−Σ P(y) log P_h(y)`, less the entropy of P (so that
  /// it is the divergence KL(P‖P_h), of the same gradient), and its derivative by `corrected`.
  ///
  /// - Parameters:
  ///   - queries: (q, d), q > 0.
  ///   - corrected, fresh: (n, d).
  static func divergence(
    queries: Matrix, corrected: Matrix, fresh: Matrix, temperature: Double
  ) -> (loss: Double, gradient: Matrix) {
    let scale = Float(1 / temperature)
    var model = scaledProduct(queries, corrected, scale)  // (q, n) logits
    let truth = scaledProduct(queries, fresh, scale)
    var loss = 0.0
    for row in 0..<queries.rows {
      let (p, logP) = softmax(truth.row(row))
      let (h, logH) = softmax(model.row(row))
      loss += zip(p, zip(logP, logH)).reduce(0) { $0 + $1.0 * ($1.1.0 - $1.1.1) }
      model.setRow(row, to: zip(h, p).map { Float($0 - $1) })
    }
    var gradient = product(model, queries, transposeA: true)
    gradient.scale(by: scale / Float(queries.rows))
    return (loss / Double(queries.rows), gradient)
  }

  private static func scaledProduct(_ a: Matrix, _ b: Matrix, _ scale: Float) -> Matrix {
    var result = product(a, b, transposeB: true)
    result.scale(by: scale)
    return result
  }

  private static func softmax(_ logits: [Float]) -> (shares: [Double], logarithms: [Double]) {
    let most = Double(logits.max() ?? 0)
    let sum = log(logits.reduce(0.0) { $0 + exp(Double($1) - most) })
    let logarithms = logits.map { Double($0) - most - sum }
    return (logarithms.map(exp), logarithms)
  }
}
