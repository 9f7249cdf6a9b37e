import Tensors

/// An affine map from what is cheap to know of a passage to its embedding by the encoder being
/// trained, fitted again and again to the passages that the steps encode: what a corrector would
/// learn if training ended now.
///
/// Ridge regression of `y − z` on x, over decayed sums: with `S = Σ ρ^age · x xᵀ`, x ending in a 1,
/// and `C = Σ ρ^age · x (y − z)ᵀ`, the map is `(S + κ · diag S)⁻¹ C`. Each input is penalised by its
/// own size, so that inputs of any unit mix.
struct DriftMap: Sendable, Equatable {
  /// S, `(p + 1, p + 1)`, and C, `(p + 1, d)`.
  var gram: Matrix, cross: Matrix
  /// The map in use, `(p + 1, d)`; zero in the beginning, which foretells what was.
  var weight: Matrix
  /// Updates the sums have seen.
  var updates = 0

  /// ρ: by a factor of e in twenty updates. A map of older passages would foretell an older encoder.
  static let decay: Float = 0.95
  /// κ.
  static let strength = 0.03
  /// Updates between fits.
  static let updatesPerFit = 5

  /// - Parameters:
  ///   - inputs: p, the embedding z first among them.
  ///   - dimension: d.
  init(inputs: Int, dimension: Int) {
    gram = Matrix(rows: inputs + 1, columns: inputs + 1)
    cross = Matrix(rows: inputs + 1, columns: dimension)
    weight = cross
  }

  private var dimension: Int { cross.columns }

  /// The embeddings it foretells, `(n, d)`; inputs: `(n, p)`.
  func foretell(_ inputs: Matrix) -> Matrix {
    var result = leading(inputs)
    addProduct(withOnes(inputs), weight, to: &result)
    return result
  }

  /// Takes in the passages of one update, and fits the map where that is due.
  ///
  /// - Parameters:
  ///   - inputs: `(n, p)`.
  ///   - embeddings: `(n, d)`, by the encoder as it is.
  mutating func learn(_ inputs: Matrix, _ embeddings: Matrix) {
    let x = withOnes(inputs)
    var moved = embeddings
    moved.add(leading(inputs), scaledBy: -1)
    gram.scale(by: Self.decay)
    cross.scale(by: Self.decay)
    addProduct(x, x, transposeA: true, to: &gram)
    addProduct(x, moved, transposeA: true, to: &cross)
    updates += 1
    if updates % Self.updatesPerFit == 0 { fit() }
  }

  /// Where the sums leave the map undetermined, it stays what it was.
  private mutating func fit() {
    let n = gram.rows
    var system = gram.elements.map(Double.init)
    let least = (0..<n).reduce(0) { max($0, system[$1 * n + $1]) } * 1e-9
    for i in 0..<n - 1 { system[i * n + i] += Self.strength * system[i * n + i] + least }
    guard
      let solved = try? solvePositiveDefinite(
        system, n: n, rightSides: cross.elements.map(Double.init), m: dimension)
    else { return }
    weight = Matrix(rows: n, columns: dimension, elements: solved.map { Float($0) })
  }

  /// z, the first d inputs.
  private func leading(_ inputs: Matrix) -> Matrix {
    Matrix((0..<inputs.rows).map { Array(inputs.row($0).prefix(dimension)) })
  }

  private func withOnes(_ inputs: Matrix) -> Matrix {
    .concatenatingColumns([
      inputs, Matrix([[Float]](repeating: [1], count: inputs.rows)),
    ])
  }
}
