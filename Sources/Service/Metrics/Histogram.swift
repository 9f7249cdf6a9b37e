internal import Synchronization

/// How often a duration fell under each bound, per label value. Safe to use from any thread.
final class Histogram: Sendable {
  private struct Series {
    /// Observations per bound, not cumulated; the last counts those above every bound.
    var counts: [Int]
    var sum = 0.0
  }

  let name: String
  let help: String
  let labelName: String
  /// Upper bounds in seconds, ascending, each inclusive.
  let bounds: [Double]
  private let series = Mutex<[String: Series]>([:])

  init(_ name: String, help: String, label: String, bounds: [Double]) {
    precondition(
      zip(bounds, bounds.dropFirst()).allSatisfy { $0 < $1 }, "\(name): bounds must ascend")
    self.name = name
    self.help = help
    labelName = label
    self.bounds = bounds
  }

  /// Counts one duration of `seconds` under `labelValue`.
  func observe(_ seconds: Double, _ labelValue: String) {
    let slot = bounds.firstIndex { seconds <= $0 } ?? bounds.count
    let empty = Series(counts: [Int](repeating: 0, count: bounds.count + 1))
    series.withLock { series in
      series[labelValue, default: empty].counts[slot] += 1
      series[labelValue, default: empty].sum += seconds
    }
  }

  func write(to metrics: inout MetricText) {
    metrics.family(name, type: "histogram", help: help)
    let snapshot = series.withLock { $0 }
    for (value, series) in snapshot.sorted(by: { $0.key < $1.key }) {
      write(series, labelValue: value, to: &metrics)
    }
  }

  private func write(_ series: Series, labelValue: String, to metrics: inout MetricText) {
    let label = (name: labelName, value: labelValue)
    var total = 0
    for (slot, count) in series.counts.enumerated() {
      total += count
      let bound = slot < bounds.count ? bounds[slot].description : "+Inf"
      metrics.sample("\(name)_bucket", [label, (name: "le", value: bound)], total.description)
    }
    metrics.sample("\(name)_sum", [label], series.sum.description)
    metrics.sample("\(name)_count", [label], total.description)
  }
}
