import Tensors

/// From the hidden states of a sequence to one vector: one or several modes, side by side.
public struct Pooling: Sendable, Equatable {
  /// The modes whose results are joined, in order; at least one.
  public let modes: [PoolingMode]
  /// False when a prompt's tokens, and what stands before them, are left out.
  public let includesPrompt: Bool

  /// Traps when there is no mode.
  public init(_ modes: [PoolingMode], includesPrompt: Bool = true) {
    precondition(!modes.isEmpty, "a pooling needs at least one mode")
    (self.modes, self.includesPrompt) = (modes, includesPrompt)
  }

  public static let cls = Pooling([.cls])
  public static let mean = Pooling([.mean])
  public static let max = Pooling([.max])

  /// Columns of a pooled vector.
  func width(hiddenSize: Int) -> Int { modes.count * hiddenSize }

  /// hidden: (tokens, H) → (sequences, modes · H). Every sequence has at least one token.
  func forward(_ hidden: Matrix, _ tokens: PackedTokens) -> Matrix {
    guard modes.count > 1 else { return forward(hidden, tokens, modes[0]) }
    return .concatenatingColumns(modes.map { forward(hidden, tokens, $0) })
  }

  private func forward(_ hidden: Matrix, _ tokens: PackedTokens, _ mode: PoolingMode) -> Matrix {
    var result = Matrix(rows: tokens.sequences.count, columns: hidden.columns)
    for (s, rows) in tokens.sequences.enumerated() {
      let kept = self.rows(rows, promptLength: tokens.promptLengths[s])
      switch mode {
      case .cls, .lastToken:
        guard let row = single(mode, kept, of: rows) else { continue }
        result.setRows(startingAt: s, to: hidden[rows: row..<row + 1])
      case .mean, .meanSqrtLength:
        guard !kept.isEmpty else { continue }
        let scale = 1 / divisor(mode, kept.count)
        result.setRow(s, to: hidden[rows: kept].columnSums().map { $0 * scale })
      case .weightedMean:
        for (row, weight) in weights(kept, of: rows) {
          result.add(hidden[rows: row..<row + 1], scaledBy: weight, toRow: s)
        }
      case .max:
        guard !kept.isEmpty else { continue }
        result.setRow(s, to: largest(hidden[rows: kept]).map(\.value))
      }
    }
    return result
  }

  /// The gradient of the hidden states, (tokens, H), given that of the pooled vectors,
  /// (sequences, modes · H).
  func backward(_ gradient: Matrix, hidden: Matrix, _ tokens: PackedTokens) -> Matrix {
    var result = Matrix(rows: hidden.rows, columns: hidden.columns)
    for (s, rows) in tokens.sequences.enumerated() {
      let incoming = gradient[rows: s..<s + 1].reshaped(rows: modes.count, columns: hidden.columns)
      let kept = self.rows(rows, promptLength: tokens.promptLengths[s])
      for (m, mode) in modes.enumerated() {
        backward(incoming[rows: m..<m + 1], mode, kept, of: rows, hidden, into: &result)
      }
    }
    return result
  }

  /// Adds one mode's share to the gradient of one sequence's hidden states; incoming: (1, H).
  private func backward(
    _ incoming: Matrix, _ mode: PoolingMode, _ kept: Range<Int>, of rows: Range<Int>,
    _ hidden: Matrix, into result: inout Matrix
  ) {
    switch mode {
    case .cls, .lastToken:
      guard let row = single(mode, kept, of: rows) else { return }
      result.add(incoming, scaledBy: 1, toRow: row)
    case .mean, .meanSqrtLength:
      for row in kept { result.add(incoming, scaledBy: 1 / divisor(mode, kept.count), toRow: row) }
    case .weightedMean:
      for (row, weight) in weights(kept, of: rows) {
        result.add(incoming, scaledBy: weight, toRow: row)
      }
    case .max:
      guard !kept.isEmpty else { return }
      for (column, best) in largest(hidden[rows: kept]).enumerated() {
        result[kept.lowerBound + best.row, column] += incoming[0, column]
      }
    }
  }

  /// The rows that are pooled. A text may consist of the prompt alone: then there are none, and
  /// the vector is zero (except for the first token's state).
  private func rows(_ rows: Range<Int>, promptLength: Int) -> Range<Int> {
    guard !includesPrompt else { return rows }
    return min(rows.lowerBound + promptLength, rows.upperBound)..<rows.upperBound
  }

  /// The row that one token's state is taken from.
  private func single(_ mode: PoolingMode, _ kept: Range<Int>, of rows: Range<Int>) -> Int? {
    if mode == .cls { return kept.isEmpty ? rows.lowerBound : kept.lowerBound }
    return kept.isEmpty ? nil : kept.upperBound - 1
  }

  private func divisor(_ mode: PoolingMode, _ count: Int) -> Float {
    mode == .mean ? Float(count) : Float(count).squareRoot()
  }

  /// Each row with its share: its place in the whole sequence, from 1, over the sum of places.
  private func weights(_ kept: Range<Int>, of rows: Range<Int>) -> [(row: Int, weight: Float)] {
    let places = kept.map { Float($0 - rows.lowerBound + 1) }
    let total = places.reduce(0, +)
    return zip(kept, places).map { ($0, $1 / total) }
  }

  /// The largest value of each column and the first row that has it.
  private func largest(_ hidden: Matrix) -> [(value: Float, row: Int)] {
    (0..<hidden.columns).map { column in
      var best = (value: hidden[0, column], row: 0)
      for row in 1..<Swift.max(hidden.rows, 1) where hidden[row, column] > best.value {
        best = (hidden[row, column], row)
      }
      return best
    }
  }
}

extension Matrix {
  /// Adds `factor` times a `(1, columns)` row to one row.
  fileprivate mutating func add(_ row: Matrix, scaledBy factor: Float, toRow index: Int) {
    let start = index * columns
    withMutableSpan { target in
      row.withSpan { source in
        for j in source.indices { target[start + j] += factor * source[j] }
      }
    }
  }
}
