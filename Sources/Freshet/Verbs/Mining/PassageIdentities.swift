internal import Mining

/// Keys of the texts of all passages: 16 bytes a row, or 32 when there are titles.
struct PassageIdentities {
  /// By row; `none` where there is no passage.
  private var whole: [TextKey]
  private var text: [TextKey] = []

  private static let none = TextKey(high: 0, low: 0)

  /// Identities of no passage yet.
  init(rows: Int) { whole = [TextKey](repeating: Self.none, count: rows) }

  subscript(row: Int) -> PassageIdentity? {
    guard whole.indices.contains(row), whole[row] != Self.none else { return nil }
    if text.isEmpty || text[row] == Self.none { return PassageIdentity(whole[row]) }
    return PassageIdentity(whole: whole[row], text: text[row])
  }

  mutating func add(row: Int, title: String, text plain: String) {
    guard whole.indices.contains(row) else { return }
    whole[row] = TextKey(of: Passage.embeddedText(title: title, text: plain))
    if title.isEmpty { return }
    if text.isEmpty { text = [TextKey](repeating: Self.none, count: whole.count) }
    text[row] = TextKey(of: plain)
  }
}

extension TextKey {
  /// Half of the SHA-256 of a text.
  init(of text: String) {
    let key = IdentityKey(text: text)
    self.init(high: key.high, low: key.low)
  }
}
