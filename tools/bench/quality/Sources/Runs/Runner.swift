import Foundation
import Synchronization
import Tensors
import Training

/// Does runs that are not in the log yet, several at once, each on one thread.
struct Runner: Sendable {
  let data: RunData
  let log: RunLog
  /// Told, in one line, of every finished run.
  let progress: @Sendable (String) -> Void

  /// - Throws: the first error of a run; those that had begun are finished first.
  func finish(_ runs: [ExperimentRun]) throws {
    var seen: Set<ExperimentRun> = []
    let missing = runs.filter { log[$0] == nil && seen.insert($0).inserted }
    let failure = Mutex<(any Error)?>(nil)
    let done = Mutex(0)
    // A loop inside this one runs in place: one thread to a run.
    Threads.forEach(missing.count) { index in
      guard failure.withLock({ $0 == nil }) else { return }
      do {
        let record = try self.record(of: missing[index])
        try log.append(record)
        let count = done.withLock { count in
          count += 1
          return count
        }
        progress("\(count)/\(missing.count) \(record.summary)")
      } catch {
        failure.withLock { $0 = $0 ?? error }
      }
    }
    if let error = failure.withLock({ $0 }) { throw error }
  }

  private func record(of run: ExperimentRun) throws -> RunRecord {
    let start = ThreadClock.seconds
    var training = try TowerTraining(run, data)
    try training.finish()
    let towers = training.towers
    let (metrics, ranks) = try data.judgements(run.split).evaluate(
      queries: { towers.query.embed($0) }, passages: { towers.passage.embed($0) },
      features: data.features)
    let tail = training.losses.suffix((training.losses.count + 9) / 10)
    return RunRecord(
      run: run, features: data.features.origin, metrics: metrics, ranks: ranks,
      updates: training.losses.count, lastLoss: tail.reduce(0, +) / Double(max(tail.count, 1)),
      towerNorms: training.norms, massByAge: training.mass,
      seconds: ThreadClock.seconds - start)
  }
}

extension RunRecord {
  /// One line for whoever waits.
  var summary: String {
    let value = String(format: "%.4f", metrics["mrr@10"] ?? 0)
    let kind = "\(run.method.rawValue) \(run.batchSize)/\(run.microBatchSize) bank \(run.bankSize)"
    return "\(kind) hard \(run.hardNegatives) \(run.optimizer.rawValue) \(run.learningRate) "
      + "seed \(run.seed): mrr@10 \(value), \(Int(seconds.rounded())) s"
  }
}

/// Processor time of the calling thread.
enum ThreadClock {
  static var seconds: Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}
