import Tensors

/// From the hidden states of a sequence to one embedding.
enum Pooling {
  /// hidden: (tokens, H) → (sequences, H). Every sequence has at least one token.
  static func forward(_ hidden: Matrix, sequences: [Range<Int>], mode: PoolingMode) -> Matrix {
    var result = Matrix(rows: sequences.count, columns: hidden.columns)
    for (s, rows) in sequences.enumerated() {
      switch mode {
      case .cls:
        result.setRows(startingAt: s, to: hidden[rows: rows.lowerBound..<rows.lowerBound + 1])
      case .mean:
        let scale = 1 / Float(rows.count)
        result.setRow(s, to: hidden[rows: rows].columnSums().map { $0 * scale })
      case .max:
        result.setRow(s, to: largest(hidden[rows: rows]).map(\.value))
      }
    }
    return result
  }

  /// The gradient of the hidden states, (tokens, H), given that of the embeddings, (sequences, H).
  static func backward(
    _ gradient: Matrix, hidden: Matrix, sequences: [Range<Int>], mode: PoolingMode
  ) -> Matrix {
    var result = Matrix(rows: hidden.rows, columns: hidden.columns)
    for (s, rows) in sequences.enumerated() {
      let incoming = gradient.row(s)
      switch mode {
      case .cls:
        result.setRow(rows.lowerBound, to: incoming)
      case .mean:
        let share = incoming.map { $0 / Float(rows.count) }
        for row in rows { result.setRow(row, to: share) }
      case .max:
        for (column, best) in largest(hidden[rows: rows]).enumerated() {
          result[rows.lowerBound + best.row, column] = incoming[column]
        }
      }
    }
    return result
  }

  /// The largest value of each column and the first row that has it.
  private static func largest(_ hidden: Matrix) -> [(value: Float, row: Int)] {
    (0..<hidden.columns).map { column in
      var best = (value: hidden[0, column], row: 0)
      for row in 1..<max(hidden.rows, 1) where hidden[row, column] > best.value {
        best = (hidden[row, column], row)
      }
      return best
    }
  }
}
