import Foundation
import Tensors

@testable import Corrector

/// Rows of independent standard normal numbers.
func gaussian(_ rows: Int, _ columns: Int, seed: UInt64) -> Matrix {
  var random = RandomStream(seed: seed, stream: 99)
  return Matrix(
    rows: rows, columns: columns,
    elements: (0..<rows * columns).map { _ in Float(random.normal()) })
}

/// The same with rows of norm 1.
func unitRows(_ rows: Int, _ columns: Int, seed: UInt64) -> Matrix {
  var result = gaussian(rows, columns, seed: seed)
  result.normalizeRows()
  return result
}

/// An orthogonal matrix, from the singular vectors of a random one, in float64.
func orthogonal(_ n: Int, seed: UInt64) throws -> [Double] {
  let start = gaussian(n, n, seed: seed).elements.map { Double($0) }
  let (u, _, vt) = try singularValueDecomposition(start, rows: n, columns: n)
  return reference(u, vt, n, n, n)
}

/// The double loop: `(m, k) · (k, n)` in float64.
func reference(_ a: [Double], _ b: [Double], _ m: Int, _ k: Int, _ n: Int) -> [Double] {
  var c = [Double](repeating: 0, count: m * n)
  for i in 0..<m {
    for j in 0..<n { for l in 0..<k { c[i * n + j] += a[i * k + l] * b[l * n + j] } }
  }
  return c
}

func doubles(_ matrix: Matrix) -> [Double] { matrix.elements.map { Double($0) } }

func matrix(_ values: [Double], _ rows: Int, _ columns: Int) -> Matrix {
  Matrix(rows: rows, columns: columns, elements: values.map { Float($0) })
}

/// Largest absolute difference of elements; infinite when shapes differ.
func largestDifference(_ a: Matrix, _ b: Matrix) -> Float {
  guard a.rows == b.rows, a.columns == b.columns else { return .infinity }
  return zip(a.elements, b.elements).reduce(0) { max($0, abs($1.0 - $1.1)) }
}

/// Bit patterns, so that -0 and 0 differ and NaN equals itself.
func bits(_ matrix: Matrix) -> [UInt32] { matrix.elements.map(\.bitPattern) }

/// Rows of `z · (I + size · N / √d) + shift`, scaled to norm 1: a drift that ridge can undo and a
/// rotation cannot.
func linearDrift(_ stale: Matrix, size: Float, seed: UInt64) -> Matrix {
  let d = stale.columns
  var map = gaussian(d, d, seed: seed)
  map.scale(by: size / Float(d).squareRoot())
  var fresh = stale
  addProduct(stale, map, to: &fresh)
  fresh.addToRows(gaussian(1, d, seed: seed + 1).elements.map { $0 * 0.2 })
  fresh.normalizeRows()
  return fresh
}

/// Adds noise of norm about `size` to unit rows and scales them to norm 1 again.
func withNoise(_ rows: Matrix, size: Float, seed: UInt64) -> Matrix {
  var result = rows
  result.add(
    gaussian(rows.rows, rows.columns, seed: seed),
    scaledBy: size / Float(rows.columns).squareRoot())
  result.normalizeRows()
  return result
}

/// Points on the unit circle.
func circle(_ angles: [Double]) -> Matrix {
  Matrix(angles.map { [Float(cos($0)), Float(sin($0))] })
}

/// The drift of the unit-circle toy: each angle a becomes a + 0.6 + 0.5 sin a.
func drifted(_ angles: [Double]) -> [Double] { angles.map { $0 + 0.6 + 0.5 * sin($0) } }

/// `count` angles drawn evenly at random.
func angles(_ count: Int, seed: UInt64) -> [Double] {
  var random = RandomStream(seed: seed, stream: 98)
  return (0..<count).map { _ in 2 * Double.pi * random.uniform() }
}

/// Embeddings by a two-layer network and by the same network with perturbed weights.
func networkDrift(
  _ rows: Int, _ dimension: Int, perturbation: Float, seed: UInt64
) -> CorrectionPairs {
  let inputs = gaussian(rows, dimension, seed: seed)
  let scale = 1 / Float(dimension).squareRoot()
  func embed(_ change: Float) -> Matrix {
    func weights(_ offset: UInt64) -> Matrix {
      var weights = gaussian(dimension, dimension, seed: seed + offset)
      weights.add(gaussian(dimension, dimension, seed: seed + offset + 10), scaledBy: change)
      weights.scale(by: scale)
      return weights
    }
    var hidden = product(inputs, weights(1))
    hidden = matrix(doubles(hidden).map { tanh(1.5 * $0) }, rows, dimension)
    var output = product(hidden, weights(2))
    output.normalizeRows()
    return output
  }
  return CorrectionPairs(stale: embed(0), fresh: embed(perturbation))
}

/// Options that fit in a moment.
func quickOptions(_ change: (inout FitOptions) -> Void = { _ in }) -> FitOptions {
  var options = FitOptions()
  options.mlp.width = 16
  options.mlp.textWidth = 16
  options.mlp.steps = 200
  options.mlp.batchRows = 32
  options.mlp.mustLead = false
  options.bootstrapSamples = 200
  change(&options)
  return options
}

/// A clock that advances one second per look.
final class TickingClock {
  private var now = 0.0
  func read() -> Double {
    now += 1
    return now
  }
}

/// Fits with a ticking clock.
func fit(
  _ pairs: CorrectionPairs, queries: Matrix? = nil, _ options: FitOptions
) throws(CorrectorError) -> CorrectorReport {
  let clock = TickingClock()
  return try fitCorrectors(pairs, queries: queries, options: options, clock: clock.read)
}
