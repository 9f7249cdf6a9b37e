internal import Synchronization

/// A number that only grows, one per combination of label values. Safe to use from any thread.
final class Counter: Sendable {
  let name: String
  let help: String
  let labelNames: [String]
  private let counts: Mutex<[[String]: Int]>

  /// A counter without labels starts at 0; one with labels starts empty.
  init(_ name: String, help: String, labels: [String] = []) {
    self.name = name
    self.help = help
    labelNames = labels
    counts = Mutex(labels.isEmpty ? [[]: 0] : [:])
  }

  /// Adds `amount` to the number that belongs to `labelValues` (one value per label name).
  func add(_ amount: Int, _ labelValues: String...) {
    precondition(amount >= 0, "\(name): a counter only grows, was given \(amount)")
    precondition(labelValues.count == labelNames.count, "\(name): one value per label")
    counts.withLock { $0[labelValues, default: 0] += amount }
  }

  func write(to metrics: inout MetricText) {
    metrics.family(name, type: "counter", help: help)
    let snapshot = counts.withLock { $0 }
    for (values, count) in snapshot.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
      let labels = zip(labelNames, values).map { (name: $0, value: $1) }
      metrics.sample(name, labels, count.description)
    }
  }
}
