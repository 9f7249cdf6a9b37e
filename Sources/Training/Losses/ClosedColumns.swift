/// Which columns take no part in a row's softmax: passages known to answer a query, its label aside.
/// They are no negatives of it, and it is none of theirs.
struct ClosedColumns: Sendable {
  /// For each row of the group, columns of the group.
  var local: [[Int]]
  /// For each segment of the bank, for each row of the group, columns of the segment.
  var banked: [[[Int]]] = []
  /// For each row of the bank, columns of the group.
  var ofBank: [[Int]]

  /// Nothing is closed.
  ///
  /// - Parameter segments: how many segments the bank has in this direction.
  init(rows: Int, segments: Int, bankRows: Int) {
    local = Array(repeating: [], count: rows)
    banked = Array(repeating: local, count: segments)
    ofBank = Array(repeating: [], count: bankRows)
  }

  /// What the ids of a batch and of the bank close.
  init(_ batch: TrainingBatch, _ direction: LossDirection, segments: Int, bank: MemoryBank) {
    self.init(rows: batch.rows, segments: segments, bankRows: bank.count)
    switch direction {
    case .queries:
      local = batch.excluded
      banked = bank.closedColumns(toQueriesWith: batch.positives, segments: segments)
      for (column, id) in batch.columns.enumerated() {
        for slot in bank.index.slots(ofQueriesAnsweredBy: id) { ofBank[slot].append(column) }
      }
    case .passages:
      let passages = Array(batch.columns[..<batch.rows])
      banked = bank.closedColumns(toPassages: passages, segments: segments)
      for (column, ids) in batch.positives.enumerated() {
        for row in batch.excluded[column] where row < batch.rows { local[row].append(column) }
        for slot in bank.index.slots(ofPositives: ids) { ofBank[slot].append(column) }
      }
    }
  }
}

extension MemoryBank {
  /// For each segment, for each row of the bank, the columns of the segment that are closed to it.
  func closedColumns(_ direction: LossDirection, segments: Int) -> [[[Int]]] {
    let rows = ids[..<count].map { $0?.positives ?? [] }
    var closed =
      switch direction {
      case .queries: closedColumns(toQueriesWith: rows, segments: segments)
      case .passages: closedColumns(toPassages: rows.map { $0[0] }, segments: segments)
      }
    // A row's label is in its own slot of the first segment.
    for slot in 0..<(segments > 0 ? count : 0) { closed[0][slot].removeAll { $0 == slot } }
    return closed
  }

  fileprivate func closedColumns(
    toQueriesWith positives: [[String]], segments: Int
  ) -> [[[Int]]] {
    (0..<segments).map { segment in
      positives.map {
        segment == 0
          ? index.slots(ofPositives: $0)
          : index.columns(ofNegatives: $0, perSlot: negativesPerSlot)
      }
    }
  }

  fileprivate func closedColumns(toPassages passages: [String], segments: Int) -> [[[Int]]] {
    (0..<segments).map { _ in passages.map { index.slots(ofQueriesAnsweredBy: $0) } }
  }
}
