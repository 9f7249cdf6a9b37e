/// Rows of text in columns as wide as they need to be; the first column to the left.
func table(_ rows: [[String]]) -> String {
  let columns = rows.map(\.count).max() ?? 0
  let widths = (0..<columns).map { c in rows.map { $0.count > c ? $0[c].count : 0 }.max() ?? 0 }
  return rows.map { row in
    row.enumerated().map { c, cell in
      let space = String(repeating: " ", count: widths[c] - cell.count)
      return c == 0 ? cell + space : space + cell
    }.joined(separator: "  ")
  }.joined(separator: "\n")
}
