import Foundation
import Tensors
import TestSupport
import Testing

/// What may change around a sequence without changing its attention, and what may not spread.
@Suite("Attention of a sequence is its own affair")
struct AttentionInvarianceTests {
  static let crowd = AttentionCase(
    lengths: [14, 1, 129, 31, 64, 7], heads: 3, headSize: 32, biased: true, dropped: true)

  @Test("bits do not depend on the company", arguments: 0..<crowd.lengths.count)
  func company(index: Int) throws {
    let c = Self.crowd
    let rows = c.sequences[index]
    let whole = (0..<rows.count)
    let bias = try #require(c.bias)
    let alone = Dropout(rate: 0.2, keys: [try #require(c.dropout).keys[index]])
    let qkv = c.qkv[rows: rows]
    let context = c.layer.forward(qkv, sequences: [whole], bias: bias, dropout: alone)
    #expect(context == c.forward()[rows: rows])
    #expect(context.elements.contains { $0 != 0 })

    var table = Matrix(rows: bias.table.rows, columns: bias.table.columns)
    let gradient = c.layer.backward(
      c.upstream[rows: rows], qkv: qkv, sequences: [whole], bias: bias,
      addingBiasGradientTo: &table, dropout: alone)
    #expect(gradient == c.backward().qkv[rows: rows])
  }

  @Test("bits do not depend on the threads, nor on an outer loop", arguments: [false, true])
  func threads(biased: Bool) {
    var c = Self.crowd
    c.biased = biased
    let many = Threads.count
    defer { Threads.use(many) }
    Threads.use(1)
    let (context, gradients) = (c.forward(), c.backward())
    for count in [2, 3, 7] {
      Threads.use(count)
      #expect(c.forward() == context)
      let again = c.backward()
      #expect(again.qkv == gradients.qkv && again.bias == gradients.bias)
      let case_ = c
      Threads.forEach(2) { _ in #expect(case_.forward() == context) }
    }
  }

  @Test("one long sequence is shared over threads and keeps its bits")
  func shared() {
    let c = AttentionCase(lengths: [257], heads: 5, headSize: 24)
    let many = Threads.count
    defer { Threads.use(many) }
    Threads.use(1)
    let (context, gradient) = (c.forward(), c.backward().qkv)
    Threads.use(2)
    #expect(c.forward() == context)
    #expect(c.backward().qkv == gradient)
  }

  @Test("without dropout or with rate 0 the bits are the same, and a key changes them")
  func dropoutKeys() {
    let c = AttentionCase(lengths: [17, 3], heads: 2, headSize: 8)
    let plain = c.forward()
    func with(_ rate: Float, _ keys: [UInt64]) -> Matrix {
      c.layer.forward(c.qkv, sequences: c.sequences, dropout: Dropout(rate: rate, keys: keys))
    }
    #expect(with(0, [1, 2]) == plain)
    #expect(with(0.3, [1, 2]) == with(0.3, [1, 2]))
    let (a, b) = (with(0.3, [1, 2]), with(0.3, [1, 3]))
    #expect(a[rows: 0..<17] == b[rows: 0..<17])
    #expect(a[rows: 17..<20] != b[rows: 17..<20])
  }

  @Test("NaN and infinity stay in their sequence and head", arguments: [Float.nan, .infinity])
  func spread(value: Float) {
    let c = AttentionCase(lengths: [5, 18, 3], heads: 2, headSize: 8)
    let clean = c.forward()
    for part in 0..<3 {
      var qkv = c.qkv
      qkv[9, part * 16 + 3] = value  // second sequence, head 0
      let context = c.layer.forward(qkv, sequences: c.sequences)
      let gradient = c.layer.backward(c.upstream, qkv: qkv, sequences: c.sequences)
      #expect(context[rows: 0..<5] == clean[rows: 0..<5])
      #expect(context[rows: 23..<26] == clean[rows: 23..<26])
      #expect((5..<23).contains { !context[$0, 3].isFinite })
      let otherHead = (5..<23).map { i in (8..<16).map { context[i, $0] == clean[i, $0] } }
      #expect(!otherHead.joined().contains(false))
      #expect(gradient[rows: 0..<5].elements.allSatisfy { $0.isFinite })
      #expect(gradient[rows: 5..<23].elements.contains { !$0.isFinite })
    }
  }

  @Test("a NaN query leaves the other queries alone")
  func nanQuery() {
    let c = AttentionCase(lengths: [19], heads: 1, headSize: 8)
    var qkv = c.qkv
    qkv[7, 2] = .nan
    let (context, clean) = (c.layer.forward(qkv, sequences: c.sequences), c.forward())
    #expect((0..<8).allSatisfy { context[7, $0].isNaN })
    #expect(context[rows: 0..<7] == clean[rows: 0..<7])
    #expect(context[rows: 8..<19] == clean[rows: 8..<19])
  }

  @Test("scores of ±10⁴ neither overflow nor lose the largest", arguments: [3, 16, 37])
  func extremes(length: Int) {
    let heads = 1, size = 4
    var qkv = Matrix(rows: length, columns: 3 * size)
    for i in 0..<length {
      qkv[i, 0] = 200  // scale is ½: scores 100 · key
      qkv[i, size] = i == length / 2 ? 100 : -100
      for j in 0..<size { qkv[i, 2 * size + j] = Float(i) }
    }
    let layer = Attention(heads: heads, hidden: size)
    let context = layer.forward(qkv, sequences: [0..<length])
    #expect(context.elements.allSatisfy { $0 == Float(length / 2) })
    let upstream = Matrix.normal(length, size, seed: 5)
    let gradient = layer.backward(upstream, qkv: qkv, sequences: [0..<length])
    #expect(gradient.elements.allSatisfy { $0.isFinite })
    let table = Matrix(
      rows: 1, columns: 2 * length - 1,
      elements: (0..<2 * length - 1).map { $0 == length - 1 ? 1e4 : -1e4 })
    let diagonal = layer.forward(
      Matrix(qkv.elements.chunked(3 * size).map { [0, 0, 0, 0, 0, 0, 0, 0] + $0[8...] }),
      sequences: [0..<length], bias: RelativeBias(table: table))
    #expect((0..<length).allSatisfy { abs(diagonal[$0, 0] - Float($0)) < 1e-30 })
  }

  @Test("the bias gradient equals central differences and is added", arguments: [1, 5, 18])
  func biasGradient(length: Int) throws {
    let c = AttentionCase(lengths: [length, 2], heads: 2, headSize: 3, biased: true)
    let table = try #require(c.bias).table
    let upstream = c.upstream.elements.map(Double.init)
    let qkv = c.qkv.elements.map(Double.init)
    let numeric = centralDifferences(at: table.elements.map(Double.init)) { bias in
      var reference = c.reference
      reference.bias = bias
      return zip(reference.forward(qkv), upstream).reduce(0) { $0 + $1.0 * $1.1 }
    }
    var gradient = Matrix(rows: 2, columns: table.columns)
    for _ in 0..<2 {
      _ = c.layer.backward(
        c.upstream, qkv: c.qkv, sequences: c.sequences, bias: RelativeBias(table: table),
        addingBiasGradientTo: &gradient)
    }
    #expect(relativeError(gradient.elements, numeric.map { 2 * $0 }) < 1e-5)
  }
}

extension Array {
  fileprivate func chunked(_ width: Int) -> [[Element]] {
    stride(from: 0, to: count, by: width).map { Array(self[$0..<$0 + width]) }
  }
}
