import Tensors

/// Embeddings of the examples trained on last, queries and passages of the same examples
/// (ContAccum, Kim et al. 2024, eq. 5 and 6).
///
/// A ring whose slot holds one example: its query, its positive, its hard negatives, and their ids;
/// with them what the objective keeps to compare them with new examples only. Example number i, as
/// they come, is in slot i modulo the capacity.
package struct MemoryBank: Sendable {
  /// Examples at most.
  let capacity: Int
  /// Examples in it.
  private(set) var count = 0
  /// Examples put into it since it was empty.
  private(set) var end = 0
  /// Of the groups it holds, the numbers of the examples they end before.
  private(set) var groupEnds: [Int] = []
  /// By slot.
  private(set) var ids: [BankedIDs?]
  /// By slot, how many negatives it holds.
  private(set) var negativeCounts: [Int]
  /// Where passages are, by id.
  private(set) var index = BankIndex()
  /// Negatives that a slot has room for.
  private(set) var negativesPerSlot = 0
  /// Where it may begin; nil while it is empty.
  private(set) var grid: BankGrid?
  /// The embeddings, width by width; none before the first group.
  private(set) var widths: [BankedRows] = []

  /// An empty bank.
  package init(capacity: Int) {
    self.capacity = capacity
    ids = Array(repeating: nil, count: capacity)
    negativeCounts = Array(repeating: 0, count: capacity)
  }

  /// Takes over what was written of another bank into this empty one.
  mutating func restore(_ facts: Facts, widths: [BankedRows]) {
    (count, end, groupEnds, grid) = (facts.ids.count, facts.end, facts.groupEnds, facts.grid)
    (negativesPerSlot, self.widths) = (facts.negativesPerSlot, widths)
    for (slot, example) in facts.ids.enumerated() { replaceIDs(at: slot, by: example) }
  }

  /// The numbers of the examples in it.
  var examples: Range<Int> { end - count..<end }

  /// Forgets all examples, and how much room they took: it goes on as a new bank, bit by bit.
  package mutating func clear() { self = MemoryBank(capacity: capacity) }

  /// A group of examples to be put into the bank.
  struct Group: Sendable {
    /// For each example.
    let ids: [BankedIDs]
    /// For each example, the rows of its negatives in the columns of each width.
    let negativeRows: [Range<Int>]
    let widths: [BankedRows.Group]
  }

  /// Puts a group in; what is then beyond the capacity drops out, oldest first.
  mutating func append(_ group: Group) {
    let added = group.ids.count
    guard capacity > 0, added > 0 else { return }
    makeRoom(for: group)
    for w in widths.indices {
      for (direction, sums) in group.widths[w].sums { widths[w].sums[direction]?.update(sums) }
    }
    let kept = max(0, added - capacity)..<added
    for (range, slot) in runs(kept) {
      for (i, example) in range.enumerated() { replaceIDs(at: slot + i, by: group.ids[example]) }
      for w in widths.indices {
        widths[w].put(
          group.widths[w], examples: range, at: slot, negativeRows: group.negativeRows,
          negativesPerSlot: negativesPerSlot)
      }
    }
    end += added
    count = min(count + added, capacity)
    groupEnds.append(end)
    groupEnds.removeAll { $0 <= end - count }
  }

  /// Where examples `range` of the next group go: parts of it, and their first slots.
  private func runs(_ range: Range<Int>) -> [(Range<Int>, slot: Int)] {
    let slot = (end + range.lowerBound) % capacity
    let split = min(range.upperBound, range.lowerBound + capacity - slot)
    let first = (range.lowerBound..<split, slot: slot)
    return split == range.upperBound ? [first] : [first, (split..<range.upperBound, slot: 0)]
  }

  private mutating func replaceIDs(at slot: Int, by new: BankedIDs) {
    if let old = ids[slot] { index.remove(old, at: slot) }
    index.insert(new, at: slot)
    ids[slot] = new
    negativeCounts[slot] = new.negatives.count
  }

  private mutating func makeRoom(for group: Group) {
    let most = group.negativeRows.map(\.count).max() ?? 0
    if most > negativesPerSlot {
      for w in widths.indices {
        widths[w].widenSlots(from: negativesPerSlot, to: most, capacity: capacity)
      }
      negativesPerSlot = most
    }
    if widths.isEmpty {
      widths = group.widths.map {
        BankedRows($0, capacity: capacity, negativesPerSlot: negativesPerSlot)
      }
    }
    precondition(widths.count == group.widths.count, "a bank of one objective used by another")
  }
}

/// The grid of kept sums.
extension MemoryBank {
  /// Whether sums are kept for the place where the bank begins, so that a group can be evaluated.
  var isAligned: Bool { count == 0 || grid?.line(at: examples.lowerBound) != nil }

  /// The column of the kept sums for the place where the bank begins.
  ///
  /// Traps when there is none: see ``isAligned``.
  var line: Int {
    guard let line = grid?.line(at: examples.lowerBound) else {
      preconditionFailure("the bank begins where no sums are kept")
    }
    return line
  }

  /// Chooses a grid for an empty bank and groups of `size` examples.
  mutating func begin(groupsOf size: Int) {
    precondition(count == 0, "a bank of \(count) examples has a grid already")
    grid = capacity > 0 ? BankGrid(capacity: capacity, grain: size, next: 0) : nil
  }

  /// Takes over another grid, with sums for it: for each width and direction, (count, lines).
  mutating func realign(_ grid: BankGrid, standing: [[LossDirection: Matrix]]) {
    self.grid = grid
    for (w, sums) in standing.enumerated() {
      for (direction, matrix) in sums {
        widths[w].sums[direction]?.replace(standing: matrix, capacity: capacity)
      }
    }
  }

  /// The spans of what is in the bank, then of a group of `added` examples.
  func spans(adding added: Int) -> [ExampleSpan] {
    guard let grid else { return [ExampleSpan(examples: 0..<added, age: 0, line: nil)] }
    return grid.spans(bank: examples, groupEnds: groupEnds, adding: added)
  }
}
