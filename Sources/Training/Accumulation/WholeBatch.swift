/// All rows in one pass: activations of the whole batch are kept.
package struct WholeBatch: RowEncoding {
  package init() {}

  package func accumulate<Rows: DifferentiableRows>(
    _ towers: [Rows], into gradients: inout [Rows.Gradients],
    loss: ([Rows.Representation]) -> [Rows.Representation]
  ) {
    let encoded = towers.map { $0.encode(0..<$0.costs.count) }
    let cached = loss(encoded.map(\.0))
    for (tower, rows) in towers.enumerated() {
      rows.backward(cached[tower], encoded[tower].1, into: &gradients[tower])
    }
  }
}
