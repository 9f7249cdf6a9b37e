import Foundation
import Tensors

@testable import Training

/// The objective written down once more, in float64, with the whole matrix of scores every time
/// (ContAccum, eq. 5 to 7).
struct ContrastiveReference {
  /// One example: embeddings, and the ids that belong to them.
  struct Example {
    var query: [Double], positive: [Double]
    var negatives: [[Double]] = []
    /// Passages known to answer the query, its own first.
    var positives: [String]
    var negativeIDs: [String] = []
  }

  struct Gradient {
    var query: [Double], positive: [Double], negatives: [[Double]]
  }

  struct Result {
    var loss = 0.0, accuracy = 0.0
    var gradients: [Gradient]
    /// For each example of the bank, its positive's softmax mass, averaged over the local rows.
    var mass: [Double] = []
  }

  var temperature = 0.05
  var directions = [LossDirection.queries]
  var banksQueries = true
  var normaliser = LossNormaliser.allRows
  var masks = true
  var dimensions: [Int?] = [nil]
  var normalizes = true

  init(temperature: Double = 0.05) { self.temperature = temperature }

  init(_ configuration: TrainingConfiguration) {
    temperature = configuration.temperature
    directions = configuration.isSymmetric ? [.queries, .passages] : [.queries]
    banksQueries = configuration.bankSides == .both
    normaliser = configuration.normaliser
    masks = configuration.masksFalseNegatives
    if !configuration.matryoshkaDimensions.isEmpty {
      dimensions = configuration.matryoshkaDimensions
    }
  }

  func evaluate(_ local: [Example], bank: [Example] = []) -> Result {
    var result = Result(
      gradients: local.map {
        Gradient(
          query: .zeros($0.query.count), positive: .zeros($0.query.count),
          negatives: $0.negatives.map { .zeros($0.count) })
      })
    let widest = dimensions.map { $0 ?? .max }.max()
    for dimensions in dimensions {
      let short = (local + bank).map { truncated($0, dimensions) }
      for direction in directions {
        let term = term(short, local: local.count, direction)
        result.loss += term.loss / Double(directions.count)
        if direction == .queries, (dimensions ?? .max) == widest {
          (result.accuracy, result.mass) = (term.accuracy, term.mass)
        }
        for (i, example) in local.enumerated() {
          let share = 1 / Double(directions.count)
          add(
            term.gradients[i].query, of: example.query, dimensions, share,
            to: &result.gradients[i].query)
          add(
            term.gradients[i].positive, of: example.positive, dimensions, share,
            to: &result.gradients[i].positive)
          for (j, negative) in example.negatives.enumerated() {
            add(
              term.gradients[i].negatives[j], of: negative, dimensions, share,
              to: &result.gradients[i].negatives[j])
          }
        }
      }
    }
    return result
  }

  /// A column: whose it is, which of its passages (0 its positive), or its query (nil).
  private struct Column {
    let example: Int
    let rank: Int?
    let values: [Double]
    let id: String
  }

  private func columns(_ examples: [Example], _ direction: LossDirection) -> [Column] {
    examples.enumerated().flatMap { i, example in
      guard direction == .queries else {
        return [Column(example: i, rank: nil, values: example.query, id: "")]
      }
      return [Column(example: i, rank: 0, values: example.positive, id: example.positives[0])]
        + zip(example.negatives, example.negativeIDs).enumerated().map { k, negative in
          Column(example: i, rank: k + 1, values: negative.0, id: negative.1)
        }
    }
  }

  /// Whether the column takes part in the row's softmax.
  private func isOpen(
    _ column: Column, _ row: Int, _ examples: [Example], _ direction: LossDirection
  ) -> Bool {
    if !masks || (column.example == row && column.rank ?? 0 == 0) { return true }
    return direction == .queries
      ? !examples[row].positives.contains(column.id)
      : !examples[column.example].positives.contains(examples[row].positives[0])
  }

  private func term(_ examples: [Example], local: Int, _ direction: LossDirection) -> Result {
    let rows = banksQueries ? examples.count : local
    let divisor = Double(normaliser == .allRows ? rows : local)
    let columns = columns(examples, direction)
    var result = Result(
      gradients: examples[..<local].map {
        Gradient(
          query: .zeros($0.query.count), positive: .zeros($0.query.count),
          negatives: $0.negatives.map { .zeros($0.count) })
      },
      mass: .zeros(examples.count - local))
    for row in 0..<rows {
      let values = direction == .queries ? examples[row].query : examples[row].positive
      let open = columns.filter { isOpen($0, row, examples, direction) }
      let logits = open.map { dot(values, $0.values) / temperature }
      let label = open.firstIndex { $0.example == row && $0.rank ?? 0 == 0 } ?? 0
      let top = logits.max() ?? 0
      let sum = logits.reduce(0) { $0 + exp($1 - top) }
      result.loss += (log(sum) + top - logits[label]) / divisor
      let isFirst = logits.indices.allSatisfy { $0 == label || logits[$0] < logits[label] }
      if row < local { result.accuracy += isFirst ? 1 / Double(local) : 0 }
      for (j, column) in open.enumerated() {
        let share = exp(logits[j] - top) / sum
        let slope = (share - (j == label ? 1 : 0)) / (divisor * temperature)
        if row < local {
          if direction == .queries {
            result.gradients[row].query.add(column.values, slope)
          } else {
            result.gradients[row].positive.add(column.values, slope)
          }
          if column.example >= local, column.rank == 0 {
            result.mass[column.example - local] += share / Double(local)
          }
        }
        guard column.example < local else { continue }
        switch column.rank {
        case nil: result.gradients[column.example].query.add(values, slope)
        case 0: result.gradients[column.example].positive.add(values, slope)
        case let rank?: result.gradients[column.example].negatives[rank - 1].add(values, slope)
        }
      }
    }
    return result
  }

  private func truncated(_ example: Example, _ dimensions: Int?) -> Example {
    var short = example
    short.query = truncated(example.query, dimensions)
    short.positive = truncated(example.positive, dimensions)
    short.negatives = example.negatives.map { truncated($0, dimensions) }
    return short
  }

  private func truncated(_ x: [Double], _ dimensions: Int?) -> [Double] {
    guard let dimensions, dimensions < x.count else { return x }
    let part = Array(x[..<dimensions])
    let length = normalizes ? dot(part, part).squareRoot() : 1
    return part.map { $0 / length }
  }

  /// Adds the gradient by `x`, given that by `x` truncated.
  private func add(
    _ gradient: [Double], of x: [Double], _ dimensions: Int?, _ share: Double,
    to total: inout [Double]
  ) {
    guard let dimensions, dimensions < x.count, normalizes else {
      return total.add(gradient, share)
    }
    let part = Array(x[..<dimensions])
    let length = dot(part, part).squareRoot()
    let unit = part.map { $0 / length }
    total.add(gradient, share / length)
    total.add(unit, -share / length * dot(unit, gradient))
  }
}

func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }

extension [Double] {
  static func zeros(_ count: Int) -> [Double] { Array(repeating: 0, count: count) }

  /// Adds a multiple of another list to the first elements.
  mutating func add(_ other: [Double], _ factor: Double) {
    for i in other.indices { self[i] += factor * other[i] }
  }
}
