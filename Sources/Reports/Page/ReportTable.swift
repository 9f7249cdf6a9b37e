/// A table of texts, the first column being names.
package struct ReportTable {
  package var heads: [String] = []
  package var rows: [[String]]
  /// Whether the rows go on beside each other where there is room.
  package var isWide = false
  /// The row that is marked, if any.
  package var marked: Int?

  package init(heads: [String] = [], rows: [[String]], isWide: Bool = false, marked: Int? = nil) {
    (self.heads, self.rows) = (heads, rows)
    (self.isWide, self.marked) = (isWide, marked)
  }

  /// The table as HTML; one that is wider than its place can be moved in it.
  package var html: String {
    let body = rows.map { row in
      row.enumerated().map { column, text in
        column == 0
          ? Markup.element("th", ["scope": "row"], text: text) : Markup.element("td", text: text)
      }.joined()
    }
    if isWide {
      let lists = body.map { Markup.element("table", contents: Markup.element("tr", contents: $0)) }
      return Markup.element("div", ["class": "columns"], contents: lists.joined(separator: "\n"))
    }
    let head = heads.map { Markup.element("th", ["scope": "col"], text: $0) }.joined()
    var lines = heads.isEmpty ? [] : [Markup.element("tr", contents: head)]
    lines += body.enumerated().map { row, cells in
      row == marked
        ? Markup.element("tr", ["class": "marked"], contents: cells)
        : Markup.element("tr", contents: cells)
    }
    let table = Markup.element("table", contents: lines.joined(separator: "\n"))
    return Markup.element("div", ["class": "table"], contents: table)
  }
}
