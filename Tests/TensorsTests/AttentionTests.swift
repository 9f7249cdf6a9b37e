import Tensors
import TestSupport
import Testing

/// One case of the tables: what is attended to, and what is added.
struct AttentionCase: Sendable, CustomTestStringConvertible {
  let lengths: [Int]
  let heads: Int
  let headSize: Int
  var biased = false
  var dropped = false

  var testDescription: String {
    "lengths \(lengths), \(heads)×\(headSize)" + (biased ? ", bias" : "")
      + (dropped ? ", dropout" : "")
  }
  var hidden: Int { heads * headSize }
  var tokens: Int { lengths.reduce(0, +) }
  var layer: Attention { Attention(heads: heads, hidden: hidden) }
  var qkv: Matrix { .normal(tokens, 3 * hidden, seed: 1) }
  var upstream: Matrix { .normal(tokens, hidden, seed: 2) }

  var sequences: [Range<Int>] {
    var first = 0
    return lengths.map { length in
      defer { first += length }
      return first..<first + length
    }
  }

  /// Wider by one distance than the longest sequence needs.
  var bias: RelativeBias? {
    guard biased else { return nil }
    return RelativeBias(table: .normal(heads, 2 * (lengths.max() ?? 0) + 1, seed: 3))
  }

  var dropout: Dropout? {
    guard dropped else { return nil }
    return Dropout(rate: 0.2, keys: lengths.indices.map { 40 + UInt64($0) })
  }

  var reference: AttentionReference {
    AttentionReference(
      heads: heads, headSize: headSize, sequences: sequences,
      bias: bias?.table.elements.map(Double.init) ?? [], masks: masks)
  }

  /// The factor on each weight, read off a matrix of ones.
  private var masks: [[Double]] {
    guard let dropout else { return [] }
    return zip(lengths, dropout.keys).map { length, key in
      let count = heads * length
      var ones = Matrix(
        rows: count, columns: length, elements: [Float](repeating: 1, count: count * length))
      Dropout(rate: dropout.rate, keys: [key]).apply(to: &ones, sequences: [0..<count])
      return ones.elements.map(Double.init)
    }
  }

  /// The gradients of qkv and of the bias table (nil without a bias).
  func backward() -> (qkv: Matrix, bias: Matrix?) {
    guard let bias else {
      let gradient = layer.backward(upstream, qkv: qkv, sequences: sequences, dropout: dropout)
      return (gradient, nil)
    }
    var table = Matrix(rows: bias.table.rows, columns: bias.table.columns)
    let gradient = layer.backward(
      upstream, qkv: qkv, sequences: sequences, bias: bias, addingBiasGradientTo: &table,
      dropout: dropout)
    return (gradient, table)
  }

  func forward() -> Matrix {
    layer.forward(qkv, sequences: sequences, bias: bias, dropout: dropout)
  }
}

@Suite("Attention equals float64 loops")
struct AttentionTests {
  static let lengths = [1, 2, 3, 7, 16, 17, 31, 64, 129]
  static let cases: [AttentionCase] =
    lengths.flatMap { length in
      [1, 8, 32, 64, 80].flatMap { size in
        [(false, false), (true, false), (false, true), (true, true)].map {
          AttentionCase(
            lengths: [length], heads: 2, headSize: size, biased: $0.0, dropped: $0.1)
        }
      }
    } + [
      AttentionCase(lengths: [], heads: 2, headSize: 4),
      AttentionCase(lengths: [0, 3, 0], heads: 2, headSize: 4, biased: true, dropped: true),
      AttentionCase(lengths: [5, 1, 33, 14], heads: 3, headSize: 12, biased: true, dropped: true),
      AttentionCase(lengths: [512], heads: 1, headSize: 32, biased: true, dropped: true),
      AttentionCase(lengths: [512, 14], heads: 1, headSize: 64),
    ]

  @Test("forward", arguments: cases)
  func forward(_ c: AttentionCase) {
    let expected = c.reference.forward(c.qkv.elements.map(Double.init))
    #expect(relativeError(c.forward().elements, expected) < 1e-6)
  }

  @Test("backward", arguments: cases)
  func backward(_ c: AttentionCase) {
    let gradient = c.backward()
    let expected = c.reference.backward(
      c.qkv.elements.map(Double.init), upstream: c.upstream.elements.map(Double.init))
    #expect(relativeError(gradient.qkv.elements, expected.qkv) < 3e-6)
    if let table = gradient.bias {
      #expect(relativeError(table.elements, expected.bias) < 3e-6)
    }
  }
}
