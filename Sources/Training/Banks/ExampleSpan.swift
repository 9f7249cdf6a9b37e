/// Consecutive examples, of the bank or of the group before it, that come and go together.
///
/// Examples are numbered from 0 on as they come.
struct ExampleSpan: Sendable, Equatable {
  let examples: Range<Int>
  /// How many groups ago they were put into the bank: 1 for the last one, 0 for the group that is
  /// about to be.
  let age: Int
  /// The column of kept sums for what begins with this span; nil when the bank will not begin here.
  let line: Int?
}

/// Where the bank may begin once it is full: at every `grain`-th example.
struct BankGrid: Sendable, Codable, Equatable {
  let capacity: Int
  /// Examples of a group, as a rule.
  let grain: Int
  /// The first example at which the bank may begin, 0 aside.
  let phase: Int

  /// For groups of `grain` examples, the next of which begins with example `next`.
  init(capacity: Int, grain: Int, next: Int) {
    precondition(capacity > 0 && grain > 0, "a bank of \(capacity) for groups of \(grain)")
    self.capacity = capacity
    self.grain = grain
    phase = ((next - capacity) % grain + grain) % grain
  }

  /// Number of columns in which sums are kept: more than there are places within a full bank.
  var lines: Int { (capacity + grain - 1) / grain + 1 }

  /// The column of sums from `example` on, or nil when the bank will not begin there.
  func line(at example: Int) -> Int? {
    guard example == 0 || (example - phase) % grain == 0 else { return nil }
    return (example - phase + grain) / grain % lines
  }

  /// The spans of the examples `bank`, then of the `added` ones after them.
  ///
  /// - Parameter groupEnds: the examples before which the groups of the bank end, ascending.
  func spans(bank: Range<Int>, groupEnds: [Int], adding added: Int) -> [ExampleSpan] {
    let end = bank.upperBound + added
    // Where the bank will begin once the group is in it: sums from further back serve no more.
    let next = max(bank.lowerBound, end - capacity)
    func span(_ examples: Range<Int>, age: Int) -> ExampleSpan {
      let start = examples.lowerBound
      return ExampleSpan(
        examples: examples, age: age, line: start >= next ? line(at: start) : nil)
    }
    var spans: [ExampleSpan] = []
    for (i, groupEnd) in groupEnds.enumerated() {
      var start = spans.last?.examples.upperBound ?? bank.lowerBound
      while start < groupEnd {
        let wrap = (start / capacity + 1) * capacity
        let stop = min(groupEnd, wrap, lineAfter(start))
        spans.append(span(start..<stop, age: groupEnds.count - i))
        start = stop
      }
    }
    var start = bank.upperBound
    while start < end {
      let stop = min(end, lineAfter(start))
      spans.append(span(start..<stop, age: 0))
      start = stop
    }
    return spans
  }

  private func lineAfter(_ example: Int) -> Int {
    (example - phase + grain) / grain * grain + phase
  }
}
