extension Chart {
  /// The picture as an element of an HTML page that has ``ChartStyle/css``.
  public func element() -> String { svg(isFile: false) }

  /// The picture as an SVG file of its own.
  public func file() -> String { svg(isFile: true) }

  private func svg(isFile: Bool) -> String {
    let frame = ChartFrame(self, isTitled: isFile)
    var parts = [Markup.element("title", text: title)]
    if isFile {
      parts.append(Markup.element("style", contents: ChartStyle.css))
      parts.append(
        Markup.element(
          "rect", ["class": "paper", "width": "\(width)", "height": "\(height)"]))
      parts.append(text(title, x: 10, y: ChartFrame.row, classes: "title"))
    }
    parts += legend(frame) + axes(frame)
    parts += series.indices.map { drawing(of: series[$0], frame, slot: slot(of: $0)) }
    parts += rules(frame)
    if series.allSatisfy(\.points.isEmpty) {
      let middle = (frame.left + frame.right) / 2
      parts.append(text("no data", x: middle, y: (frame.top + frame.bottom) / 2, classes: "middle"))
    }
    return Markup.element(
      "svg",
      [
        "xmlns": "http://www.w3.org/2000/svg", "class": "chart", "role": "img",
        "viewBox": "0 0 \(Markup.coordinate(width)) \(Markup.coordinate(height))",
        "aria-label": title,
      ], contents: "\n" + parts.filter { !$0.isEmpty }.joined(separator: "\n") + "\n")
  }

  /// Which of the series drawn side by side this one is, and how many they are.
  private func slot(of index: Int) -> (number: Int, count: Int) {
    let shape = series[index].shape
    guard x.isNamed else { return (0, 1) }
    let like = series.indices.filter { series[$0].shape == shape }
    return (like.firstIndex(of: index) ?? 0, like.count)
  }
}

/// Axes, legend and rules.
extension Chart {
  private func axes(_ frame: ChartFrame) -> [String] {
    var lines = "", parts: [String] = []
    for mark in frame.y.marks {
      guard let place = frame.place(frame.x.lower, mark.value) else { continue }
      lines += "M\(Markup.coordinate(frame.left)),\(Markup.coordinate(place.y))"
      lines += "H\(Markup.coordinate(frame.right))"
      parts.append(text(mark.label, x: frame.left - 6, y: place.y + 4, classes: "end"))
    }
    for (mark, lines) in zip(frame.x.marks, frame.names) {
      guard let across = frame.x.place(of: mark.value) else { continue }
      let x = frame.left + across * frame.width
      for (row, line) in lines.enumerated() {
        let y = frame.bottom + 16 + Double(row) * (ChartFrame.row - 2)
        parts.append(text(line, x: x, y: y, classes: "middle"))
      }
    }
    if !x.label.isEmpty {
      parts.append(text(x.label, x: frame.right, y: height - 5, classes: "end label"))
    }
    if !y.label.isEmpty {
      parts.append(text(y.label, x: 6, y: frame.top - 12, classes: "label"))
    }
    let floor = "M\(Markup.coordinate(frame.left)),\(Markup.coordinate(frame.bottom))"
      + "H\(Markup.coordinate(frame.right))"
    return [path(lines, "grid"), path(floor, "axis")] + parts
  }

  private func legend(_ frame: ChartFrame) -> [String] {
    frame.legend.enumerated().flatMap { row, entries in
      entries.flatMap { key, left in
        let y = frame.legendTop + ChartFrame.row * Double(row)
        let drawn =
          switch key {
          case .series(let series): self.key(of: series, x: left, y: y - 4)
          case .rule:
            path("M\(Markup.coordinate(left)),\(Markup.coordinate(y - 4))h20", "rule")
          }
        return [drawn, text(key.name, x: left + 26, y: y)]
      }
    }
  }

  private func rules(_ frame: ChartFrame) -> [String] {
    rules.compactMap { rule in
      switch rule {
      case .vertical(let value, _):
        frame.place(value, frame.y.lower).map {
          path(
            "M\(Markup.coordinate($0.x)),\(Markup.coordinate(frame.top))"
              + "V\(Markup.coordinate(frame.bottom))", "rule")
        }
      case .horizontal(let value, _):
        frame.place(frame.x.lower, value).map {
          path(
            "M\(Markup.coordinate(frame.left)),\(Markup.coordinate($0.y))"
              + "H\(Markup.coordinate(frame.right))", "rule")
        }
      }
    }
  }

  private func text(_ text: String, x: Double, y: Double, classes: String? = nil) -> String {
    guard !text.isEmpty else { return "" }
    let (x, y) = (Markup.coordinate(x), Markup.coordinate(y))
    guard let classes else { return Markup.element("text", ["x": x, "y": y], text: text) }
    return Markup.element("text", ["class": classes, "x": x, "y": y], text: text)
  }

  private func path(_ steps: String, _ classes: String) -> String {
    steps.isEmpty ? "" : Markup.element("path", ["class": classes, "d": steps])
  }
}
