public import Tensors

/// The kinds of corrector, simplest first: this order is the order in which they are preferred.
public enum CorrectorKind: String, Sendable, Codable, CaseIterable {
  /// Keeps the stale vectors.
  case identity
  /// The nearest rotation (an orthogonal map, rectangular when the dimensions differ).
  case procrustes
  /// An affine map whose change of the vectors is of low rank.
  case lowRank = "low-rank"
  /// An affine map with an L2 penalty on its distance from keeping the vectors.
  case ridge
  /// A mixture of affine maps, one for each cluster of stale vectors.
  case clusters
  /// A small network added to the stale vector.
  case residualMLP = "residual-mlp"
  /// An affine map of the stale vector and of features of the passage's text.
  case textRidge = "text-ridge"
  /// A small network of the stale vector and of those features, added to that affine map.
  case textMLP = "text-mlp"

  /// Whether it needs features of the text beside the stale vector.
  public var readsText: Bool { self == .textRidge || self == .textMLP }
}

/// A map from the embedding space of an old encoder to that of a new one.
///
/// Its input is always the stored generation, never rows that were corrected or re-encoded before:
/// one map cannot undo several drifts at once.
public protocol Corrector: Sendable {
  /// What kind of map this is.
  var kind: CorrectorKind { get }

  /// Dimension d of the stale vectors.
  var inputDimension: Int { get }

  /// Columns of each block of text features it reads; empty when the stale vector is all it takes.
  var featureWidths: [Int] { get }

  /// Dimension d' of the corrected vectors.
  var outputDimension: Int { get }

  /// Corrects stale vectors.
  ///
  /// - Parameters:
  ///   - stale: `(n, d)`; may be mapped from a file. Traps when d is not `inputDimension`.
  ///   - features: blocks of text features of the same passages, `(n, width)` for each of
  ///     `featureWidths` (traps otherwise); not looked at when it reads none.
  /// - Returns: `(n, d')`, unit rows when the corrector was fitted to normalise.
  /// - Complexity: O(n · d · d') or O(n · d · width); beside the result, memory for one block of
  ///   rows. A row's result does not depend on n beyond rounding.
  func apply(_ stale: Matrix, features: [Matrix]) -> Matrix

  /// The parameters by name, for saving; with `metadata` they are the whole corrector.
  var tensors: [(name: String, values: Matrix)] { get }

  /// Kind, dimensions and switches as text, for saving beside `tensors`.
  var metadata: [String: String] { get }
}

extension Corrector {
  /// None.
  public var featureWidths: [Int] { [] }

  /// Corrects stale vectors without text features; traps when the corrector reads some.
  public func apply(_ stale: Matrix) -> Matrix { apply(stale, features: []) }
}

/// The same passages in the two spaces: what correctors are fitted to and judged on.
public struct CorrectionPairs: Sendable {
  /// `(n, d)`: the stored embeddings of a sample of passages.
  public var stale: Matrix
  /// `(n, d')`: the embeddings of the same passages, row for row, by the new encoder.
  public var fresh: Matrix
  /// Blocks of text features, `(n, any)` each, row for row of the same passages; none means that
  /// only correctors of the stale vector can be fitted.
  public var features: [Matrix]

  /// Pairs of rows; the shapes are checked when correctors are fitted.
  public init(stale: Matrix, fresh: Matrix, features: [Matrix] = []) {
    self.stale = stale
    self.fresh = fresh
    self.features = features
  }

  /// The pairs of the given rows, in the given order.
  public func gathering(_ rows: [Int]) -> CorrectionPairs {
    CorrectionPairs(
      stale: stale.gathering(rows), fresh: fresh.gathering(rows),
      features: features.map { $0.gathering(rows) })
  }
}
