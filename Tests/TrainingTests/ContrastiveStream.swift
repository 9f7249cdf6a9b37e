import Tensors
import TestSupport

@testable import Training

/// Random groups one after the other, as batches with embeddings and as examples of the reference;
/// ids come from a small pool, so that passages come again.
struct ContrastiveStream {
  typealias Example = ContrastiveReference.Example

  struct Group {
    let batch: TrainingBatch
    /// (rows, d), (columns, d).
    let queries: Matrix, columns: Matrix

    var examples: [Example] {
      (0..<batch.rows).map { i in
        let own = batch.owners.indices.filter { batch.owners[$0] == i }.map { batch.rows + $0 }
        return Example(
          query: queries.row(i).map(Double.init), positive: columns.row(i).map(Double.init),
          negatives: own.map { columns.row($0).map(Double.init) }, positives: batch.positives[i],
          negativeIDs: own.map { batch.columns[$0] })
      }
    }
  }

  let width: Int
  /// Negatives of a query at most.
  let negatives: Int
  /// Passages there are.
  let pool: Int
  private var random: RandomStream

  init(width: Int = 12, negatives: Int = 1, pool: Int = 40, seed: UInt64 = 1) {
    self.width = width
    self.negatives = negatives
    self.pool = pool
    random = RandomStream(seed: seed)
  }

  /// `size` examples with different positives; embeddings of unit length.
  mutating func group(of size: Int) -> Group {
    var ids = Array(0..<pool)
    random.draw(size, of: &ids)
    let pairs = (0..<size).map { i in
      TrainingPair(
        queryID: "q", query: "", positiveID: "p\(ids[i])",
        otherPositiveIDs: random.index(below: 3) == 0 ? ["p\(random.index(below: pool))"] : [])
    }
    let drawn = pairs.map { pair in
      (0..<random.index(below: negatives + 1)).map { _ in "p\(random.index(below: pool))" }
        .filter { $0 != pair.positiveID && !pair.otherPositiveIDs.contains($0) }
    }
    let batch = TrainingBatch(pairs, negatives: drawn)
    return Group(
      batch: batch, queries: rows(batch.rows), columns: rows(batch.columns.count))
  }

  private mutating func rows(_ count: Int) -> Matrix {
    var rows = Matrix(
      rows: count, columns: width,
      elements: (0..<count * width).map { _ in Float(random.normal()) })
    rows.normalizeRows()
    return rows
  }
}

extension ContrastiveObjective.Result {
  /// The gradients example by example, as the reference has them.
  func gradients(of batch: TrainingBatch) -> [ContrastiveReference.Gradient] {
    (0..<batch.rows).map { i in
      let own = batch.owners.indices.filter { batch.owners[$0] == i }.map { batch.rows + $0 }
      return ContrastiveReference.Gradient(
        query: queryGradient.row(i).map(Double.init),
        positive: columnGradient.row(i).map(Double.init),
        negatives: own.map { columnGradient.row($0).map(Double.init) })
    }
  }
}

extension [ContrastiveReference.Gradient] {
  /// All numbers, one after the other.
  var flattened: [Double] { flatMap { $0.query + $0.positive + $0.negatives.flatMap { $0 } } }
}
