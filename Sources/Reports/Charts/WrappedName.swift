/// Breaking of names that are too long for their place.
enum WrappedName {
  /// `name` in at most `count` lines of at most `width` letters, broken at spaces and behind
  /// hyphens; what is too long ends in "…".
  static func lines(of name: String, width: Int, count: Int) -> [String] {
    let width = max(width, 3)
    var lines: [String] = []
    for piece in pieces(of: name) {
      if let last = lines.last, (last + piece).count <= width {
        lines[lines.count - 1] = last + piece
      } else {
        lines.append(piece.first == " " ? String(piece.dropFirst()) : piece)
      }
    }
    guard lines.count > count else { return lines.map { cut($0, width) } }
    return lines.prefix(count - 1).map { cut($0, width) } + [cut(lines[count - 1] + "…", width)]
  }

  /// The parts that a name may be broken into; a space is at the head of what follows it.
  private static func pieces(of name: String) -> [String] {
    var pieces: [String] = []
    var isWhole = true
    for letter in name {
      if isWhole || letter == " " {
        pieces.append(String(letter))
      } else {
        pieces[pieces.count - 1].append(letter)
      }
      isWhole = letter == "-"
    }
    return pieces
  }

  private static func cut(_ text: String, _ width: Int) -> String {
    guard text.count > width else { return text }
    return text.prefix(width - 1) + "…"
  }
}
