import Tensors

/// The bank as it is written into a checkpoint and read again, bit by bit.
extension MemoryBank {
  /// Everything but the numbers.
  struct Facts: Sendable, Codable, Equatable {
    /// Examples put into the bank since it was empty.
    let end: Int
    /// Of the groups in it, the examples they end before.
    let groupEnds: [Int]
    /// The ids of what is in it, slot by slot.
    let ids: [BankedIDs]
    /// Negatives that a slot has room for.
    let negativesPerSlot: Int
    /// Where it may begin; nil when it is empty.
    let grid: BankGrid?
    /// Its widths.
    let widths: [Width]

    /// What there is of one width.
    struct Width: Sendable, Codable, Equatable {
      /// Leading dimensions, nil for whole embeddings.
      let dimensions: Int?
      /// Whether there are queries.
      let hasQueries: Bool
      /// The directions for which sums are kept.
      let directions: [LossDirection]
    }
  }

  var facts: Facts {
    Facts(
      end: end, groupEnds: groupEnds, ids: ids.compactMap { $0 },
      negativesPerSlot: negativesPerSlot, grid: grid,
      widths: widths.map {
        Facts.Width(
          dimensions: $0.dimensions, hasQueries: $0.queries != nil,
          directions: LossDirection.allCases.filter($0.sums.keys.contains))
      })
  }

  /// The numbers of the slots that hold an example; tensors without elements are left out.
  var tensors: [(name: String, values: Matrix)] {
    widths.flatMap { width in
      let name = width.name
      var tensors = [
        (name + ".positives", width.positives[rows: 0..<count]),
        (name + ".negatives", width.negatives[rows: 0..<count * negativesPerSlot]),
      ]
      if let queries = width.queries {
        tensors.append((name + ".queries", queries[rows: 0..<count]))
      }
      for direction in LossDirection.allCases {
        guard let sums = width.sums[direction] else { continue }
        tensors += [
          ("\(name).\(direction.rawValue).labels", sums.labels[rows: 0..<count]),
          ("\(name).\(direction.rawValue).standing", sums.standing[rows: 0..<count]),
          ("\(name).\(direction.rawValue).later", sums.later[rows: 0..<count]),
        ]
      }
      return tensors.filter { $0.1.count > 0 }
    }
  }

  /// The bank that was written as `facts` and `tensors`.
  ///
  /// - Throws: `TrainingError.damagedCheckpoint` naming what does not fit.
  init(
    capacity: Int, facts: Facts, tensors: [(name: String, values: Matrix)]
  ) throws(TrainingError) {
    self.init(capacity: capacity)
    let count = facts.ids.count
    try facts.check(capacity: capacity)
    let stored = StoredTensors(tensors)
    var widths: [BankedRows] = []
    for width in facts.widths {
      widths.append(
        try BankedRows(
          width, count: count, negativesPerSlot: facts.negativesPerSlot,
          lines: facts.grid?.lines ?? 0, capacity: capacity, from: stored))
    }
    restore(facts, widths: widths)
  }
}

extension MemoryBank.Facts {
  /// - Throws: `TrainingError.damagedCheckpoint` when these are not the facts of such a bank.
  fileprivate func check(capacity: Int) throws(TrainingError) {
    let holds =
      ids.count == min(capacity, end)
      && ids.allSatisfy { !$0.positives.isEmpty && $0.negatives.count <= negativesPerSlot }
      && (ids.isEmpty ? groupEnds.isEmpty : groupEnds.last == end)
      && zip([end - ids.count] + groupEnds, groupEnds).allSatisfy { $0 < $1 }
      && grid.map { $0.capacity == capacity && $0.grain > 0 && (0..<$0.grain).contains($0.phase) }
        ?? ids.isEmpty
      && widths.isEmpty == ids.isEmpty
    guard holds else {
      throw .damagedBank("its facts are not those of a bank of \(capacity) examples")
    }
  }
}

/// Tensors by name.
private struct StoredTensors {
  private let values: [String: Matrix]

  init(_ tensors: [(name: String, values: Matrix)]) {
    values = Dictionary(tensors.map { ($0.name, $0.values) }) { first, _ in first }
  }

  /// - Parameter columns: nil for any number.
  /// - Throws: `TrainingError.damagedCheckpoint` when there is none of this shape.
  func matrix(_ name: String, rows: Int, columns: Int?) throws(TrainingError) -> Matrix {
    if rows == 0, let columns { return Matrix(rows: 0, columns: columns) }
    guard let found = values[name] else { throw .damagedBank("it has no \"\(name)\"") }
    guard found.rows == rows, columns.map({ $0 == found.columns }) ?? true else {
      throw .damagedBank(
        "\"\(name)\" is a tensor of \(found.rows)×\(found.columns), not of "
          + "\(rows)×\(columns.map(String.init) ?? "any")")
    }
    return found
  }
}

extension BankedRows {
  /// The start of its tensors' names.
  fileprivate var name: String { BankedRows.name(dimensions) }

  private static func name(_ dimensions: Int?) -> String { dimensions.map(String.init) ?? "whole" }

  fileprivate init(
    _ width: MemoryBank.Facts.Width, count: Int, negativesPerSlot: Int, lines: Int, capacity: Int,
    from stored: StoredTensors
  ) throws(TrainingError) {
    let name = BankedRows.name(width.dimensions)
    let positives = try stored.matrix(name + ".positives", rows: count, columns: width.dimensions)
    func rows(_ part: String, _ rows: Int) throws(TrainingError) -> Matrix {
      try stored.matrix("\(name).\(part)", rows: rows, columns: positives.columns)
    }
    var sums: [LossDirection: RowSums] = [:]
    for direction in width.directions {
      func part(_ part: String, _ columns: Int) throws(TrainingError) -> Matrix {
        try stored.matrix("\(name).\(direction.rawValue).\(part)", rows: count, columns: columns)
      }
      sums[direction] = RowSums(
        labels: try part("labels", 1), standing: try part("standing", lines),
        later: try part("later", 2), capacity: capacity)
    }
    self.init(
      dimensions: width.dimensions, queries: width.hasQueries ? try rows("queries", count) : nil,
      positives: positives, negatives: try rows("negatives", count * negativesPerSlot),
      sums: sums, capacity: capacity)
  }
}

extension TrainingError {
  fileprivate static func damagedBank(_ reason: String) -> TrainingError {
    TrainingError(
      .damagedCheckpoint, "the memory bank of the checkpoint is damaged: \(reason)")
  }
}

/// Two banks are equal when they would be written alike.
extension MemoryBank: Equatable {
  package static func == (left: MemoryBank, right: MemoryBank) -> Bool {
    left.capacity == right.capacity && left.facts == right.facts
      && left.tensors.elementsEqual(right.tensors) { $0 == $1 }
  }
}
