internal import Tensors

/// A ridge regression of fresh vectors on inputs, whose leading columns are the stale vectors:
/// solved for as many penalties as are tried, in float64.
///
/// With centred inputs X and targets T (fresh − stale between equal dimensions, fresh otherwise):
/// `W = (XᵀX + λ·I)⁻¹ XᵀT = Xᵀ (XXᵀ + λ·I)⁻¹ T` and `b = t̄ − x̄·W`, where
/// `λ = strength · trace(XᵀX over the stale columns) / d`, so that one strength means the same for
/// any number of rows, any scale of vectors, and with or without further columns.
protocol RidgeSystem {
  /// Input columns, and how many of them are the stale vector's.
  var inputs: Int { get }
  var staleColumns: Int { get }
  /// d'.
  var outputs: Int { get }
  /// Means of the inputs and of the fresh vectors.
  var means: (inputs: [Double], fresh: [Double]) { get }
  /// `trace(XᵀX)` over the stale columns.
  var staleTrace: Double { get }

  /// W, `(inputs, d')`, for this λ.
  func weight(penalty: Double) throws(LinearAlgebraError) -> [Double]

  /// By how much each row's own target moves what is fitted to that row, in [0, 1]: the diagonal
  /// of `X (XᵀX + λ·I)⁻¹ Xᵀ + 1/n`.
  ///
  /// What the map of all other rows (at the same λ) makes of a row follows from it without fitting
  /// again: its residual is this map's, divided by `1 − leverage` (Allen 1974).
  ///
  /// - Parameter inputs: the rows that the system was made of, `(n, p)`.
  func leverages(
    of inputs: Matrix, penalty: Double
  ) throws(LinearAlgebraError) -> [Double]
}

extension RidgeSystem {
  /// λ at this strength. Equal rows have no spread: any penalty will do then, and the map is a
  /// shift by the bias.
  func penalty(strength: Double) -> Double {
    staleTrace > 0 ? strength * staleTrace / Double(staleColumns) : 1
  }

  /// Whether targets are differences to the stale vector.
  var addsInput: Bool { staleColumns == outputs }

  /// W, `(inputs, d')`, and b, d' values.
  ///
  /// - Throws: `LinearAlgebraError` when the system is singular at this strength.
  func solution(
    strength: Double
  ) throws(LinearAlgebraError) -> (weight: [Double], bias: [Double]) {
    let weight = try weight(penalty: penalty(strength: strength))
    return (weight, bias(of: weight))
  }

  /// `b = t̄ − x̄·W`, d' values.
  func bias(of weight: [Double]) -> [Double] {
    var bias = means.fresh
    for (i, x) in means.inputs.enumerated() {
      if addsInput, i < staleColumns { bias[i] -= x }
      for j in 0..<outputs { bias[j] -= x * weight[i * outputs + j] }
    }
    return bias
  }
}

/// The system through the normal equations: inputs × inputs, however many rows there are.
struct PrimalRidge: RidgeSystem {
  private let moments: CrossMoments
  let staleColumns: Int
  let staleTrace: Double
  private let gram: [Double], cross: [Double]

  init(_ moments: CrossMoments, staleColumns: Int) {
    self.moments = moments
    self.staleColumns = staleColumns
    let (p, e) = (moments.inputs, moments.outputs)
    gram = moments.centredGram()
    var cross = moments.centredCrossProduct()
    if staleColumns == e {
      for i in 0..<p { for j in 0..<e { cross[i * e + j] -= gram[i * p + j] } }
    }
    self.cross = cross
    staleTrace = (0..<staleColumns).reduce(0) { [gram] in $0 + gram[$1 * p + $1] }
  }

  var inputs: Int { moments.inputs }
  var outputs: Int { moments.outputs }
  var means: (inputs: [Double], fresh: [Double]) { (moments.means.stale, moments.means.fresh) }

  func weight(penalty: Double) throws(LinearAlgebraError) -> [Double] {
    var system = gram
    for i in 0..<inputs { system[i * inputs + i] += penalty }
    return try solvePositiveDefinite(system, n: inputs, rightSides: cross, m: outputs)
  }

  /// `Wᵀ (XᵀX + λ·I) W = Wᵀ XᵀT`, `(d', d')`, for the W of some penalty: what it fits, and what it
  /// costs.
  func fittedGram(_ weight: [Double]) -> [Double] {
    transposedProduct(weight, cross, n: inputs, rows: outputs, columns: outputs)
  }

  func leverages(
    of rows: Matrix, penalty: Double
  ) throws(LinearAlgebraError) -> [Double] {
    var system = gram
    for i in 0..<inputs { system[i * inputs + i] += penalty }
    let inverse = try solvePositiveDefinite(
      system, n: inputs, rightSides: identity(inputs), m: inputs)
    var centred = rows
    centred.addToRows(means.inputs.map { -Float($0) })
    let shares = product(
      centred, Matrix(rows: inputs, columns: inputs, elements: inverse.map { Float($0) }))
    return rowDots(shares, centred).map { Double($0) + 1 / Double(rows.rows) }
  }
}

/// The system through inner products of rows: rows × rows, however many inputs there are.
struct DualRidge: RidgeSystem {
  let inputs: Int, staleColumns: Int, outputs: Int
  let means: (inputs: [Double], fresh: [Double])
  let staleTrace: Double
  private let rows: Int
  /// X, `(rows, inputs)`; T, `(rows, d')`; XXᵀ, `(rows, rows)`.
  private let centred: [Double], targets: [Double], kernel: [Double]

  /// - Parameters:
  ///   - inputs: `(n, p)`, n > 0; the stale vectors are its first `staleColumns` columns.
  ///   - fresh: `(n, d')`.
  init(_ inputs: Matrix, staleColumns: Int, fresh: Matrix) {
    precondition(inputs.rows == fresh.rows && inputs.rows > 0, "no rows to fit a ridge to")
    (rows, self.inputs, outputs) = (inputs.rows, inputs.columns, fresh.columns)
    self.staleColumns = staleColumns
    let (x, xMeans) = withoutMeans(inputs)
    var (t, tMeans) = withoutMeans(fresh)
    let (p, e) = (inputs.columns, fresh.columns)
    if staleColumns == e {
      for row in 0..<inputs.rows { for j in 0..<e { t[row * e + j] -= x[row * p + j] } }
    }
    var trace = 0.0
    for row in 0..<inputs.rows {
      for j in 0..<staleColumns { trace += x[row * p + j] * x[row * p + j] }
    }
    (centred, targets, means, staleTrace) = (x, t, (xMeans, tMeans), trace)
    let turned = transposed(x, rows: inputs.rows, columns: p)
    kernel = transposedProduct(turned, turned, n: p, rows: inputs.rows, columns: inputs.rows)
  }

  func weight(penalty: Double) throws(LinearAlgebraError) -> [Double] {
    var system = kernel
    for i in 0..<rows { system[i * rows + i] += penalty }
    let shares = try solvePositiveDefinite(system, n: rows, rightSides: targets, m: outputs)
    return transposedProduct(centred, shares, n: rows, rows: inputs, columns: outputs)
  }

  func leverages(
    of inputs: Matrix, penalty: Double
  ) throws(LinearAlgebraError) -> [Double] {
    precondition(inputs.rows == rows, "leverages of \(inputs.rows) rows, not \(rows)")
    var system = kernel
    for i in 0..<rows { system[i * rows + i] += penalty }
    let inverse = try solvePositiveDefinite(
      system, n: rows, rightSides: identity(rows), m: rows)
    return (0..<rows).map { 1 - penalty * inverse[$0 * rows + $0] + 1 / Double(rows) }
  }
}

private func identity(_ n: Int) -> [Double] {
  (0..<n * n).map { $0 % (n + 1) == 0 ? 1 : 0 }
}

/// The rows less their mean, row-major, and the mean.
private func withoutMeans(_ rows: Matrix) -> (centred: [Double], means: [Double]) {
  var values = rows.elements.map { Double($0) }
  let width = rows.columns
  var means = [Double](repeating: 0, count: width)
  for i in 0..<rows.rows { for j in 0..<width { means[j] += values[i * width + j] } }
  for j in 0..<width { means[j] /= Double(max(rows.rows, 1)) }
  for i in 0..<rows.rows { for j in 0..<width { values[i * width + j] -= means[j] } }
  return (values, means)
}
