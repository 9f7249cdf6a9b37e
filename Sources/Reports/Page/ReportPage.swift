/// A report: one HTML page without scripts, that needs no network and no other file.
package struct ReportPage {
  /// What the report is of.
  package var title: String
  /// The parts of the page from top to bottom, as HTML; empty ones are left out.
  package var parts: [String]

  package init(title: String, parts: [String]) {
    self.title = title
    self.parts = parts
  }

  /// The page.
  package var html: String {
    """
    <!doctype html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <link rel="icon" href="data:,">
    \(Markup.element("title", text: title))
    <style>
    \(ReportStyle.css)
    \(ChartStyle.css)
    </style>
    </head>
    <body>
    <main>
    \(parts.filter { !$0.isEmpty }.joined(separator: "\n"))
    </main>
    </body>
    </html>

    """
  }
}

/// The parts that pages are made of.
extension ReportPage {
  /// The head of a page: its title, and below it a state and facts.
  ///
  /// - Parameter status: the state in a word or two; `isDone` decides its colour.
  package static func header(
    _ title: String, status: (isDone: Bool, text: String), facts: [String]
  ) -> String {
    let kind = status.isDone ? "done" : "open"
    let line = Markup.element("span", ["class": "status \(kind)"], text: status.text)
    return Markup.element(
      "header",
      contents: Markup.element("h1", text: title)
        + Markup.element(
          "p", contents: line + " " + Markup.escaped(facts.joined(separator: " · "))))
  }

  /// A box with a title.
  ///
  /// - Parameters:
  ///   - note: a line of words below the title; may be empty.
  ///   - contents: HTML.
  package static func section(_ title: String, note: String = "", _ contents: String) -> String {
    let note = note.isEmpty ? "" : Markup.element("p", ["class": "note"], text: note)
    return Markup.element(
      "section", contents: Markup.element("h2", text: title) + note + contents)
  }

  /// The figures at the head of a report, side by side.
  package static func tiles(_ tiles: [ReportTile]) -> String {
    let tiles = tiles.map { tile in
      Markup.element(
        "div", ["class": "tile"],
        contents: Markup.element("dt", text: tile.name)
          + Markup.element(
            "dd",
            contents: Markup.element("b", text: tile.value)
              + Markup.element("small", text: tile.note)))
    }
    return Markup.element("dl", ["class": "tiles"], contents: tiles.joined(separator: "\n"))
  }

  /// Charts, side by side where there is room.
  package static func figures(_ figures: [ReportFigure]) -> String {
    guard !figures.isEmpty else { return "" }
    let figures = figures.map { figure in
      Markup.element(
        "figure",
        contents: Markup.element(
          "figcaption",
          contents: Markup.element("h2", text: figure.title)
            + Markup.element("p", text: figure.note)) + figure.chart.element())
    }
    return Markup.element(
      "section", ["class": "figures"], contents: figures.joined(separator: "\n"))
  }
}

/// A number at the head of a report.
package struct ReportTile: Equatable {
  package var name: String, value: String, note: String

  package init(name: String, value: String, note: String) {
    (self.name, self.value, self.note) = (name, value, note)
  }
}

/// A chart with the words above it.
package struct ReportFigure {
  package var title: String, note: String
  package var chart: Chart

  package init(title: String, note: String, chart: Chart) {
    (self.title, self.note, self.chart) = (title, note, chart)
  }
}
