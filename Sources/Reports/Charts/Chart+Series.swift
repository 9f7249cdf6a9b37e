/// Drawing one series.
extension Chart {
  /// The series' elements.
  ///
  /// - Parameter slot: which of the series drawn side by side it is.
  func drawing(
    of series: ChartSeries, _ frame: ChartFrame, slot: (number: Int, count: Int)
  ) -> String {
    let contents =
      switch series.shape {
      case .line, .faintLine, .dashedLine: line(series, frame)
      case .points: whiskers(series, frame, slot) + dots(series, frame, slot, radius: 3.5)
      case .linePoints:
        line(series, frame) + whiskers(series, frame, slot)
          + dots(series, frame, slot, radius: series.points.count > 60 ? 2 : 3.5)
      case .marks: dots(series, frame, slot, radius: 6)
      case .bars: bars(series, frame, slot) + whiskers(series, frame, slot)
      case .band: band(series, frame)
      }
    return Markup.element(
      "g", ["class": "\(series.shape) \(ChartStyle.colorClass(series.color))"], contents: contents)
  }

  /// The entry of a series in the legend, left of its name.
  func key(of series: ChartSeries, x: Double, y: Double) -> String {
    let (left, middle, line) = (
      Markup.coordinate(x), Markup.coordinate(x + 10), Markup.coordinate(y)
    )
    let rule = Markup.element("path", ["class": "stroke", "d": "M\(left),\(line)h20"])
    func dot(_ radius: Double) -> String {
      Markup.element("circle", ["cx": middle, "cy": line, "r": "\(radius)"])
    }
    let contents =
      switch series.shape {
      case .line, .faintLine, .dashedLine: rule
      case .points: dot(3.5)
      case .linePoints: rule + dot(3.5)
      case .marks: dot(6)
      case .bars, .band:
        Markup.element(
          "path", ["class": "fill", "d": "M\(left),\(Markup.coordinate(y - 5))h20v10h-20z"])
      }
    return Markup.element(
      "g", ["class": "\(series.shape) \(ChartStyle.colorClass(series.color))"], contents: contents)
  }

  private func line(_ series: ChartSeries, _ frame: ChartFrame) -> String {
    var steps = ""
    for run in runs(series.points, frame, \.y) { steps += Self.path(through: run) }
    return steps.isEmpty ? "" : Markup.element("path", ["class": "stroke", "d": steps])
  }

  private func band(_ series: ChartSeries, _ frame: ChartFrame) -> String {
    let whole = series.points.filter { point in
      [point.low, point.high].allSatisfy { $0.map { frame.y.place(of: $0) != nil } ?? false }
    }
    let lower = runs(whole, frame) { $0.low ?? $0.y }.flatMap { $0 }
    let upper = runs(whole, frame) { $0.high ?? $0.y }.flatMap { $0 }
    guard !lower.isEmpty else { return "" }
    let steps = Self.path(through: upper + lower.reversed()) + "z"
    return Markup.element("path", ["class": "fill", "d": steps])
  }

  /// The parts of a line between its gaps, thinned to what the picture can show.
  private func runs(
    _ points: [ChartPoint], _ frame: ChartFrame, _ height: (ChartPoint) -> Double
  ) -> [[Place]] {
    var runs: [[Place]] = [[]]
    for point in points {
      if let across = frame.x.place(of: point.x), let up = frame.y.place(of: height(point)) {
        runs[runs.count - 1].append(Place(x: across, y: up))
      } else if !runs[runs.count - 1].isEmpty {
        runs.append([])
      }
    }
    let tall = frame.bottom - frame.top
    return runs.filter { !$0.isEmpty }.map { run in
      Envelope.thinned(run, columns: Int(frame.width)).map {
        Place(x: frame.left + $0.x * frame.width, y: frame.bottom - $0.y * tall)
      }
    }
  }

  /// A line through the places; a lone one becomes a dot, by the line's round ends.
  private static func path(through places: [Place]) -> String {
    let steps = places.map { "\(Markup.coordinate($0.x)),\(Markup.coordinate($0.y))" }
    return "M" + steps.joined(separator: "L") + (steps.count == 1 ? "h0" : "")
  }

  private func dots(
    _ series: ChartSeries, _ frame: ChartFrame, _ slot: (number: Int, count: Int), radius: Double
  ) -> String {
    series.points.map { point in
      guard let place = place(of: point.x, point.y, frame, slot) else { return "" }
      let note = point.note.map { Markup.element("title", text: $0) } ?? ""
      return Markup.element(
        "circle",
        [
          "cx": Markup.coordinate(place.x), "cy": Markup.coordinate(place.y), "r": "\(radius)",
        ], contents: note)
    }.joined()
  }

  private func whiskers(
    _ series: ChartSeries, _ frame: ChartFrame, _ slot: (number: Int, count: Int)
  ) -> String {
    let steps = series.points.map { point in
      guard let low = point.low, let high = point.high,
        let bottom = place(of: point.x, low, frame, slot),
        let top = place(of: point.x, high, frame, slot)
      else { return "" }
      let (x, y) = (Markup.coordinate(bottom.x - 3), Markup.coordinate(bottom.y))
      return "M\(x),\(y)h6m-3,0V\(Markup.coordinate(top.y))m-3,0h6"
    }.joined()
    return steps.isEmpty ? "" : Markup.element("path", ["class": "whisker", "d": steps])
  }

  private func bars(
    _ series: ChartSeries, _ frame: ChartFrame, _ slot: (number: Int, count: Int)
  ) -> String {
    let width = x.isNamed ? slotWidth(frame, slot) : step(of: series, frame)
    let half = Markup.coordinate(width * 0.45), whole = Markup.coordinate(width * 0.9)
    return series.points.map { point in
      guard let place = place(of: point.x, point.y, frame, slot) else { return "" }
      let note = point.note.map { Markup.element("title", text: $0) } ?? ""
      let steps = "M\(Markup.coordinate(place.x)),\(Markup.coordinate(frame.base))m-\(half),0"
        + "V\(Markup.coordinate(place.y))h\(whole)V\(Markup.coordinate(frame.base))z"
      return Markup.element("path", ["class": "fill", "d": steps], contents: note)
    }.joined()
  }

  /// Width that one of the series drawn side by side has at a category.
  private func slotWidth(_ frame: ChartFrame, _ slot: (number: Int, count: Int)) -> Double {
    return frame.width / Double(max(frame.x.marks.count, 1)) * 0.8 / Double(slot.count)
  }

  /// Width between the two nearest points of a series over numbers; a lone point gets a narrow one.
  private func step(of series: ChartSeries, _ frame: ChartFrame) -> Double {
    let places = series.points.compactMap { frame.x.place(of: $0.x) }.sorted()
    let steps = zip(places, places.dropFirst()).map { $1 - $0 }.filter { $0 > 0 }
    return frame.width * min(steps.min() ?? 0.05, 1)
  }

  /// Where a value is drawn when its series is one of several side by side.
  private func place(
    of x: Double, _ y: Double, _ frame: ChartFrame, _ slot: (number: Int, count: Int)
  ) -> Place? {
    guard var place = frame.place(x, y) else { return nil }
    let aside = Double(slot.number) - Double(slot.count - 1) / 2
    place.x += aside * slotWidth(frame, slot)
    return place
  }
}
