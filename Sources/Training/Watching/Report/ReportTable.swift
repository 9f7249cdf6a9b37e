/// A table of texts, the first column being names.
struct ReportTable {
  var heads: [String] = []
  let rows: [[String]]
  /// Whether the rows go on beside each other where there is room.
  var isWide = false

  var html: String {
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
    let lines = ((heads.isEmpty ? [] : [head]) + body).map { Markup.element("tr", contents: $0) }
    return Markup.element("table", contents: lines.joined(separator: "\n"))
  }
}
