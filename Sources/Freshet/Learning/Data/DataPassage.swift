/// A passage as a JSON value gives it: a string, or an object with a text.
struct DataPassage {
  /// The id the data names; without one the text is the passage's identity.
  let id: String?
  /// What the encoder sees: the title, a space and the text where there is a title.
  let text: String

  /// - Throws: `RowProblem` when there is no text; an empty one is taken.
  init(_ node: JSONNode, _ name: String) throws(RowProblem) {
    if case .string(let text) = node.value {
      (id, self.text) = (nil, text)
      return
    }
    guard case .object = node.value else {
      throw RowProblem("\"\(name)\" holds \(node.kind), passages were expected")
    }
    let (key, text) = try node.field("text", "contents")
    let title = try node["title"]?.string("title") ?? ""
    self.text = Passage.embeddedText(title: title, text: try text.string(key))
    let found = node.first(of: ["_id", "id", "docid", "passage_id", "psg_id"])
    id = try found.map { field throws(RowProblem) in try field.node.id(field.name) }
  }

  var key: IdentityKey { id.map { IdentityKey(id: $0) } ?? IdentityKey(text: text) }

  /// FNV-1a (Fowler, Noll, Vo) over the text, 32 bits: tells that a text is another.
  var checksum: UInt32 {
    text.utf8.reduce(0x811C_9DC5) { ($0 ^ UInt32($1)) &* 0x0100_0193 }
  }
}
