import Reports

/// The figures at the head of a report.
struct ReportTiles {
  private let record: RunRecord

  init(_ record: RunRecord) { self.record = record }

  var all: [ReportTile] { [steps, loss, best, time, speed, memory].compactMap { $0 } }

  private var steps: ReportTile? {
    let done = record.outcome?.steps ?? record.steps.last?.step ?? 0
    let pairs = record.outcome?.pairs ?? record.steps.last?.pairsSeen ?? 0
    let tokens = record.outcome?.tokens ?? record.steps.last?.tokensSeen ?? 0
    return ReportTile(
      name: "Steps", value: ReportWords.count(done),
      note: "of \(ReportWords.count(record.totalSteps)); \(ReportWords.count(pairs)) pairs, "
        + "\(ReportWords.count(tokens)) tokens")
  }

  private var loss: ReportTile? {
    guard let first = record.steps.first, let last = record.steps.last else { return nil }
    let tenth = record.steps.suffix(max(1, record.steps.count / 10))
    let mean = tenth.reduce(0) { $0 + Double($1.loss) } / Double(tenth.count)
    let shown = record.outcome.map { Double($0.meanLossOfLastTenth) } ?? mean
    return ReportTile(
      name: "Loss", value: NumberUnit.short(shown, digits: 4),
      note: "mean of the last tenth; \(NumberUnit.short(Double(first.loss), digits: 4)) at step "
        + "\(first.step), \(NumberUnit.short(Double(last.loss), digits: 4)) at \(last.step)")
  }

  private var best: ReportTile? {
    guard let best = record.best else { return nil }
    return ReportTile(
      name: "Best \(best.name)", value: NumberUnit.short(best.value, digits: 4),
      note: "at step \(best.step), of \(ReportWords.count(record.evaluations.count)) evaluations")
  }

  private var time: ReportTile? {
    guard let clock = record.lastClock else { return nil }
    let sessions = record.sessions.isEmpty ? "" : "; resumed"
    let steps = max(record.steps.count, 1)
    return ReportTile(
      name: "Time", value: ReportWords.duration(clock.seconds),
      note: "\(NumberUnit.short(clock.seconds / Double(steps), digits: 3)) s a step\(sessions)")
  }

  private var speed: ReportTile? {
    guard let clock = record.lastClock, clock.seconds > 0, let last = record.steps.last
    else { return nil }
    let pairs = Double(last.pairsSeen) / clock.seconds
    return ReportTile(
      name: "Tokens per second",
      value: ReportWords.count(Int(min(Double(last.tokensSeen) / clock.seconds, 1e15))),
      note: "\(NumberUnit.short(pairs, digits: 3)) pairs a second")
  }

  private var memory: ReportTile? {
    guard let largest = record.steps.map(\.clock.memoryBytes).max() else { return nil }
    return ReportTile(
      name: "Peak memory", value: ReportWords.bytes(largest),
      note: "resident, as seen after a step")
  }
}
