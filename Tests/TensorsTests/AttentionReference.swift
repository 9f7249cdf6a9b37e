import Foundation
import Tensors

/// Attention in float64 by loops over sequences, heads, queries and keys: what the kernels are
/// compared with.
struct AttentionReference {
  let heads: Int
  let headSize: Int
  let sequences: [Range<Int>]
  /// `(heads, 2 · reach + 1)`, empty for none.
  var bias: [Double] = []
  /// Factor on the weight of (head, query, key) of each sequence; empty for none.
  var masks: [[Double]] = []

  var hidden: Int { heads * headSize }
  private var reach: Int { bias.count / heads / 2 }
  private var scale: Double { 1 / Double(headSize).squareRoot() }

  struct Gradients {
    var qkv: [Double]
    var bias: [Double]
  }

  /// The context, `(tokens, hidden)`.
  func forward(_ qkv: [Double]) -> [Double] {
    var out = [Double](repeating: 0, count: qkv.count / 3)
    eachQuery(qkv) { s, head, i, p in
      let rows = sequences[s]
      for (j, weight) in p.enumerated() {
        let w = weight * mask(s, head, i, j)
        let value = start(rows, j, 2, head)
        let place = (rows.lowerBound + i) * hidden + head * headSize
        for c in 0..<headSize { out[place + c] += w * qkv[value + c] }
      }
    }
    return out
  }

  /// The gradients of sum(context · upstream), by the chain rule written out.
  func backward(_ qkv: [Double], upstream: [Double]) -> Gradients {
    var result = Gradients(
      qkv: [Double](repeating: 0, count: qkv.count),
      bias: [Double](repeating: 0, count: bias.count))
    eachQuery(qkv) { s, head, i, p in
      let rows = sequences[s]
      let up = (rows.lowerBound + i) * hidden + head * headSize
      let query = start(rows, i, 0, head)
      var slopes = [Double](repeating: 0, count: p.count)
      for j in p.indices {
        let (value, factor) = (start(rows, j, 2, head), mask(s, head, i, j))
        for c in 0..<headSize {
          result.qkv[value + c] += p[j] * factor * upstream[up + c]
          slopes[j] += factor * upstream[up + c] * qkv[value + c]
        }
      }
      let mean = zip(p, slopes).reduce(0) { $0 + $1.0 * $1.1 }
      for j in p.indices {
        let slope = p[j] * (slopes[j] - mean)
        let key = start(rows, j, 1, head)
        for c in 0..<headSize {
          result.qkv[query + c] += scale * slope * qkv[key + c]
          result.qkv[key + c] += scale * slope * qkv[query + c]
        }
        if !bias.isEmpty { result.bias[biasPlace(head, i, j)] += slope }
      }
    }
    return result
  }

  /// Calls `body(sequence, head, query, weights of the keys)`.
  private func eachQuery(_ qkv: [Double], _ body: (Int, Int, Int, [Double]) -> Void) {
    for (s, rows) in sequences.enumerated() {
      for head in 0..<heads {
        for i in 0..<rows.count {
          let query = start(rows, i, 0, head)
          let scores = (0..<rows.count).map { j in
            let key = start(rows, j, 1, head)
            var dot = 0.0
            for c in 0..<headSize { dot += qkv[query + c] * qkv[key + c] }
            return scale * dot + (bias.isEmpty ? 0 : bias[biasPlace(head, i, j)])
          }
          let top = scores.max() ?? 0
          let weights = scores.map { exp($0 - top) }
          let sum = weights.reduce(0, +)
          body(s, head, i, weights.map { $0 / sum })
        }
      }
    }
  }

  /// The place of the first element of a head's part (0 query, 1 key, 2 value) of a token.
  private func start(_ rows: Range<Int>, _ token: Int, _ part: Int, _ head: Int) -> Int {
    (rows.lowerBound + token) * 3 * hidden + part * hidden + head * headSize
  }

  private func biasPlace(_ head: Int, _ i: Int, _ j: Int) -> Int {
    head * (2 * reach + 1) + j - i + reach
  }

  private func mask(_ s: Int, _ head: Int, _ i: Int, _ j: Int) -> Double {
    guard !masks.isEmpty else { return 1 }
    let length = sequences[s].count
    return masks[s][(head * length + i) * length + j]
  }
}
