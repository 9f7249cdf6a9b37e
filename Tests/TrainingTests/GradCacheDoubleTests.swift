import Foundation
import Tensors
import Testing

@testable import Training

/// Rows of doubles.
struct DoubleRows: RowStack, Equatable {
  var values: [[Double]]
  var rows: Int { values.count }
  subscript(rows range: Range<Int>) -> DoubleRows { DoubleRows(values: Array(values[range])) }

  static func concatenatingRows(_ parts: [DoubleRows]) -> DoubleRows {
    DoubleRows(values: parts.flatMap(\.values))
  }
}

/// A tower in double precision, `y = W2 (mask ∘ tanh(W1 x))`, with dropout drawn by key.
struct TanhTower: DifferentiableRows {
  struct Weights: Equatable {
    var first: [[Double]], second: [[Double]]
  }
  let inputs: [[Double]]
  let weights: Weights
  /// One dropout key per row and pass.
  let keys: [UInt64]
  /// Added to the keys from the second time on that a row is encoded: 0 replays the masks.
  var drift: UInt64 = 0
  let passes = Passes()

  /// How often each row was encoded.
  final class Passes: @unchecked Sendable {  // one test's, used from one thread
    var counts: [Int: UInt64] = [:]
  }

  typealias Kept = [(x: [Double], hidden: [Double], mask: [Double])]

  var costs: [Int] { inputs.map(\.count) }

  func encode(_ range: Range<Int>) -> (DoubleRows, Kept) {
    let kept = range.map { row in
      let pass = passes.counts[row, default: 0]
      passes.counts[row] = pass + 1
      var random = RandomStream(seed: keys[row] &+ (pass > 0 ? drift : 0), stream: 1)
      let hidden = weights.first.map { tanh(inner($0, inputs[row])) }
      return (
        x: inputs[row], hidden: hidden,
        mask: hidden.map { _ in random.uniform() < 0.1 ? 0 : 1 / 0.9 }
      )
    }
    let outputs = kept.map { state in
      weights.second.map { inner($0, zip(state.hidden, state.mask).map(*)) }
    }
    return (DoubleRows(values: outputs), kept)
  }

  func backward(_ gradient: DoubleRows, _ kept: Kept, into gradients: inout Weights) {
    for (dy, state) in zip(gradient.values, kept) {
      for (i, d) in dy.enumerated() {
        for j in state.hidden.indices {
          gradients.second[i][j] += d * state.hidden[j] * state.mask[j]
        }
      }
      for j in state.hidden.indices {
        let back = zip(dy, weights.second).reduce(0) { $0 + $1.0 * $1.1[j] }
        let slope = back * state.mask[j] * (1 - state.hidden[j] * state.hidden[j])
        for k in state.x.indices { gradients.first[j][k] += slope * state.x[k] }
      }
    }
  }
}

private func inner(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }

/// InfoNCE of the first `queries` rows against the rest, whose first are the positives; written out
/// in double precision.
private func infoNCE(_ rows: DoubleRows, queries: Int, temperature: Double) -> DoubleRows {
  let q = rows.values[..<queries]
  let c = rows.values[queries...].map { $0 }
  var gradient = rows.values.map { $0.map { _ in 0.0 } }
  for (i, query) in q.enumerated() {
    let logits = c.map { inner(query, $0) / temperature }
    let top = logits.max() ?? 0
    let weights = logits.map { exp($0 - top) }
    let sum = weights.reduce(0, +)
    for j in c.indices {
      let d = (weights[j] / sum - (i == j ? 1 : 0)) / (Double(queries) * temperature)
      for k in query.indices {
        gradient[i][k] += d * c[j][k]
        gradient[queries + j][k] += d * query[k]
      }
    }
  }
  return DoubleRows(values: gradient)
}

@Suite("GradCache in double precision")
struct GradCacheDoubleTests {
  static let queries = 12

  static func numbers(_ rows: Int, _ columns: Int, stream: UInt64) -> [[Double]] {
    var random = RandomStream(seed: 3, stream: stream)
    return (0..<rows).map { _ in (0..<columns).map { _ in random.uniform() * 2 - 1 } }
  }

  static func tower(drift: UInt64 = 0) -> TanhTower {
    // 12 queries, 12 positives, 12 hard negatives.
    TanhTower(
      inputs: numbers(36, 5, stream: 1),
      weights: .init(first: numbers(7, 5, stream: 2), second: numbers(4, 7, stream: 3)),
      keys: (0..<36).map { UInt64(100 + $0) }, drift: drift)
  }

  static func gradient(
    _ encoding: some RowEncoding, _ tower: TanhTower = tower()
  ) -> TanhTower.Weights {
    var gradients = [
      TanhTower.Weights(
        first: tower.weights.first.map { $0.map { _ in 0 } },
        second: tower.weights.second.map { $0.map { _ in 0 } })
    ]
    encoding.accumulate([tower], into: &gradients) {
      [infoNCE($0[0], queries: queries, temperature: 0.5)]
    }
    return gradients[0]
  }

  static func error(_ a: TanhTower.Weights, _ b: TanhTower.Weights) -> Double {
    let (x, y) = ((a.first + a.second).flatMap { $0 }, (b.first + b.second).flatMap { $0 })
    let largest = zip(x, y).map { abs($0 - $1) }.max() ?? 0
    return largest / (y.map(abs).max() ?? 1)
  }

  @Test("the chunked gradient is the whole batch's to 1e-12, dropout on", arguments: [1, 3, 8, 36])
  func exact(chunk: Int) {
    let error = Self.error(
      Self.gradient(GradCache(chunkRows: chunk)), Self.gradient(WholeBatch()))
    #expect(error <= 1e-12)
  }

  @Test("chunks by tokens give it too", arguments: [1, 5, 11, 40, 1000])
  func exactByTokens(budget: Int) {
    let error = Self.error(
      Self.gradient(GradCache(chunkRows: 36, chunkTokens: budget)), Self.gradient(WholeBatch()))
    #expect(error <= 1e-12)
  }

  @Test("negative control: masks that are not replayed spoil it")
  func masksMustBeReplayed() {
    let forgetful = Self.gradient(GradCache(chunkRows: 3), Self.tower(drift: 1))
    #expect(Self.error(forgetful, Self.gradient(WholeBatch())) > 0.05)
  }

  @Test("chunks cover all rows in order, within both bounds")
  func chunks() {
    let costs = [3, 9, 1, 1, 1, 1, 1, 20, 2, 2]
    for (rows, tokens) in [(1, 100), (3, 100), (4, 9), (100, 4), (100, 1), (2, 3)] {
      let chunks = GradCache(chunkRows: rows, chunkTokens: tokens).chunks(of: costs)
      #expect(chunks.flatMap { Array($0) } == Array(costs.indices))
      for chunk in chunks {
        #expect(chunk.count <= rows)
        #expect(chunk.count == 1 || costs[chunk].reduce(0, +) <= tokens)
      }
    }
    #expect(GradCache(chunkRows: 4, chunkTokens: 9).chunks(of: costs).count == 6)
    #expect(GradCache(chunkRows: 4).chunks(of: []).isEmpty)
  }
}
