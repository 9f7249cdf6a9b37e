internal import Tensors

/// Finds passages whose embedding is nearly that of a positive or of a negative already picked.
struct NearCopies {
  private let bound: Float
  private let embeddings: Matrix
  private let positives: [UnitRow]
  private var picked: [UnitRow] = []

  init(bound: Float, embeddings: Matrix, positives: [Int]) {
    self.bound = bound
    self.embeddings = embeddings
    self.positives = positives.map { UnitRow(embeddings.row($0)) }
  }

  /// The rule that removes the passage at `row`; when there is none it counts as picked.
  mutating func pick(_ row: Int) -> RemovalRule? {
    let candidate = UnitRow(embeddings.row(row))
    if positives.contains(where: { $0.cosine(to: candidate) > bound }) { return .nearPositive }
    if picked.contains(where: { $0.cosine(to: candidate) > bound }) { return .nearNegative }
    picked.append(candidate)
    return nil
  }
}

/// A row and one over its norm.
private struct UnitRow {
  let values: [Float]
  let scale: Float

  init(_ values: [Float]) {
    self.values = values
    let norm = dot(values, values).squareRoot()
    scale = norm > 0 ? 1 / norm : 0
  }

  func cosine(to other: UnitRow) -> Float { dot(values, other.values) * scale * other.scale }
}

/// Inner product, in four running sums.
private func dot(_ a: [Float], _ b: [Float]) -> Float {
  precondition(a.count == b.count, "dot: \(a.count) and \(b.count) numbers")
  var (s0, s1, s2, s3) = (Float(0), Float(0), Float(0), Float(0))
  let whole = a.count & ~3
  for i in stride(from: 0, to: whole, by: 4) {
    s0 += a[i] * b[i]
    s1 += a[i + 1] * b[i + 1]
    s2 += a[i + 2] * b[i + 2]
    s3 += a[i + 3] * b[i + 3]
  }
  return (whole..<a.count).reduce((s0 + s1) + (s2 + s3)) { $0 + a[$1] * b[$1] }
}
