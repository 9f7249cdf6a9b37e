import Encoder
import Tensors

/// A residual perceptron over frozen features: `normalize(x + W₂·gelu(W₁·x + b₁) + b₂)`.
///
/// W₂ and both biases begin at zero, so an untrained tower gives the features' own directions.
struct FeatureTower: Sendable {
  /// W₁ (width, d), b₁, W₂ (d, width), b₂.
  var parameters: Parameters

  /// What ``backward(_:_:into:)`` needs of a forward pass.
  struct Kept: Sendable {
    fileprivate let input: Matrix, pre: Matrix, hidden: Matrix, output: Matrix
    fileprivate let lengths: [Float]
  }

  /// An untrained tower; `random` draws W₁ from N(0, 1/d).
  init(dimension: Int, width: Int, random: inout RandomStream) {
    let scale = 1 / Float(dimension).squareRoot()
    let first = (0..<width * dimension).map { _ in Float(random.normal()) * scale }
    parameters = Parameters(
      slots: [
        .matrix("first.weight", width, dimension), .vector("first.bias", width),
        .matrix("second.weight", dimension, width), .vector("second.bias", dimension),
      ],
      values: [
        Matrix(rows: width, columns: dimension, elements: first),
        Matrix(rows: 1, columns: width), Matrix(rows: dimension, columns: width),
        Matrix(rows: 1, columns: dimension),
      ])
  }

  /// Embeddings of features (n, d), of unit length.
  func embed(_ features: Matrix) -> Matrix { forward(features).0 }

  /// Embeddings of features (n, d), and what differentiating them needs.
  func forward(_ features: Matrix) -> (Matrix, Kept) {
    let weights = parameters.values
    var pre = product(features, weights[0], transposeB: true)
    pre.addBias(weights[1])
    let hidden = pre.activated(.gelu)
    var output = features
    addProduct(hidden, weights[2], transposeB: true, to: &output)
    output.addBias(weights[3])
    let lengths = output.rowNorms().map { max($0, 1e-12) }
    output.scaleRows(by: lengths.map { 1 / $0 })
    return (
      output,
      Kept(input: features, pre: pre, hidden: hidden, output: output, lengths: lengths)
    )
  }

  /// Adds the gradient of the parameters, given that of the embeddings.
  func backward(_ gradient: Matrix, _ kept: Kept, into gradients: inout Parameters) {
    // With u = y / |y|: dy = (du − u·⟨du, u⟩) / |y|.
    var outer = kept.output
    outer.scaleRows(by: rowDots(gradient, kept.output).map { -$0 })
    outer.add(gradient)
    outer.scaleRows(by: kept.lengths.map { 1 / $0 })
    addProduct(outer, kept.hidden, transposeA: true, to: &gradients.values[2])
    gradients.values[3].addColumnSums(of: outer)
    var inner = product(outer, parameters.values[2])
    inner.backwardThrough(.gelu, pre: kept.pre)
    addProduct(inner, kept.input, transposeA: true, to: &gradients.values[0])
    gradients.values[1].addColumnSums(of: inner)
  }
}
