import Reports

/// The charts of a report, each with the words above it.
struct ReportFigures {
  private let record: RunRecord

  init(_ record: RunRecord) { self.record = record }

  /// All that apply to the run.
  var all: [ReportFigure] {
    [
      loss, accuracy, evaluation, gradientNorm, gradientNormRatio, learningRate, speed, memory,
      bank,
    ].compactMap { $0 }
  }

  private var loss: ReportFigure? {
    let end = record.outcome.map {
      "; mean of the last tenth \(NumberUnit.short(Double($0.meanLossOfLastTenth), digits: 4))"
    }
    return figure("Loss", "InfoNCE, in nats" + (end ?? ""), noisy(\.loss))
  }

  private var accuracy: ReportFigure? {
    figure(
      "Accuracy", "share of the queries that score their positive highest",
      noisy(\.accuracy, color: 1), ChartAxis("", numbers: .percent, including: [0]))
  }

  private var evaluation: ReportFigure? {
    guard let last = record.evaluations.last else { return nil }
    let points = record.evaluations.map { ChartPoint(Double($0.step), $0.value, note: note($0)) }
    var series = [ChartSeries("", .linePoints, color: 2, points: points)]
    if let best = record.best {
      series.append(
        ChartSeries(
          "best", .marks, color: 2,
          points: [ChartPoint(Double(best.step), best.value, note: note(best))]))
    }
    let best = record.best.map { "best \(note($0))" }
    return figure("Development set: \(last.name)", best ?? "", series)
  }

  private func note(_ evaluation: LoggedEvaluation) -> String {
    "\(NumberUnit.short(evaluation.value, digits: 4)) at step \(evaluation.step)"
  }

  private var gradientNorm: ReportFigure? {
    var rules: [ChartRule] = []
    let norms = record.steps.map { Double($0.gradientNorm) }
    if let limit = record.run.configuration["clipNorm"]?.number, limit.isFinite,
      let largest = norms.filter(\.isFinite).max(), limit < 4 * largest {
      rules.append(.horizontal(limit, label: "clipped above \(NumberUnit.short(limit, digits: 3))"))
    }
    return figure(
      "Gradient norm", "Euclidean, before clipping", noisy(\.gradientNorm, color: 3),
      axis(for: norms), rules)
  }

  private var gradientNormRatio: ReportFigure? {
    let isUntied = record.steps.contains { $0.towerNorms != nil }
    let ratios = record.steps.map { Double($0.gradientNormRatio) }
    return figure(
      "Gradient-norm ratio",
      isUntied
        ? "passage tower over query tower"
        : "pull on passages over pull on queries, at the embeddings",
      noisy(\.gradientNormRatio, color: 4), axis(for: ratios),
      [.horizontal(1, label: "1: balanced")])
  }

  private var learningRate: ReportFigure? {
    figure(
      "Learning rate", "",
      [ChartSeries("", .line, points: points { Double($0.learningRate) })],
      ChartAxis("", including: [0]))
  }

  private var speed: ReportFigure? {
    let speeds = points { $0.clock.tokensPerSecond ?? .nan }
    return figure(
      "Speed", "tokens per second", noisy(speeds, color: 5), ChartAxis("", including: [0]))
  }

  private var memory: ReportFigure? {
    let largest = record.steps.map(\.clock.memoryBytes).max() ?? 0
    return figure(
      "Memory", "resident; at most \(ReportWords.bytes(largest))",
      [ChartSeries("", .line, color: 1, points: points { Double($0.clock.memoryBytes) })],
      ChartAxis("", numbers: .bytes, including: [0]))
  }

  private var bank: ReportFigure? {
    guard record.steps.contains(where: { $0.bankedExamples > 0 }) else { return nil }
    return figure(
      "Memory bank", "examples after the step",
      [ChartSeries("", .line, color: 2, points: points { Double($0.bankedExamples) })],
      ChartAxis("", numbers: .counts, including: [0]))
  }
}

/// Pieces that the charts share.
extension ReportFigures {
  private func figure(
    _ title: String, _ note: String, _ series: [ChartSeries], _ y: ChartAxis = ChartAxis(""),
    _ rules: [ChartRule] = []
  ) -> ReportFigure {
    let resumed = Set(record.sessions.map(\.step)).sorted().prefix(50)
    let sessions = resumed.map { ChartRule.vertical(Double($0), label: "") }
    let last = Double(record.steps.last?.step ?? 1)
    let chart = Chart(
      title: note.isEmpty ? title : "\(title): \(note)",
      x: ChartAxis("step", numbers: .counts, including: [0, last]), y: y, series: series,
      rules: sessions + rules)
    return ReportFigure(title: title, note: note, chart: chart)
  }

  private func points(_ value: (LoggedStep) -> Double) -> [ChartPoint] {
    record.steps.map { ChartPoint(Double($0.step), value($0)) }
  }

  private func noisy(_ value: KeyPath<LoggedStep, Float>, color: Int = 0) -> [ChartSeries] {
    noisy(points { Double($0[keyPath: value]) }, color: color)
  }

  /// A value per step, pale, and its running mean; a short run's values alone.
  private func noisy(_ points: [ChartPoint], color: Int) -> [ChartSeries] {
    guard points.count >= 20 else {
      return [ChartSeries("", .line, color: color, points: points)]
    }
    let smooth = zip(points, Smoothing.means(points.map(\.y), over: points.count / 50 + 4))
    return [
      ChartSeries("each step", .faintLine, color: color, points: points),
      ChartSeries("smoothed", .line, color: color, points: smooth.map { ChartPoint($0.x, $1) }),
    ]
  }

  /// An axis for values that may differ by orders of magnitude.
  private func axis(for values: [Double]) -> ChartAxis {
    let sorted = values.filter { $0.isFinite && $0 > 0 }.sorted()
    guard sorted.count > 1, sorted.count == values.count else { return ChartAxis("") }
    let (low, high) = (sorted[sorted.count / 50], sorted[sorted.count - 1 - sorted.count / 50])
    return high / low > 30 ? ChartAxis("", .logarithmic) : ChartAxis("", including: [0])
  }
}

extension LoggedStep {
  /// See ``StepProgress/gradientNormRatio``.
  var gradientNormRatio: Float { towerNorms?.ratio ?? passagePull / queryPull }
}

extension LoggedValue {
  /// The value as a number, where it is one.
  var number: Double? {
    switch self {
    case .integer(let integer): Double(integer)
    case .number(let number): number
    default: nil
    }
  }
}
