/// Bytes in which no two different lists of fields are equal: each field has a fixed length or
/// carries its own. `Tokenizer.identity` is made of them.
struct CanonicalBytes {
  private(set) var bytes: [UInt8] = []

  mutating func append(_ value: Bool) { bytes.append(value ? 1 : 0) }

  mutating func append(_ value: Int) { append(bits: UInt64(bitPattern: Int64(value))) }

  mutating func append(_ value: Double) { append(bits: value.bitPattern) }

  mutating func append(_ field: [UInt8]) {
    append(field.count)
    bytes.append(contentsOf: field)
  }

  mutating func append(_ ids: [Int32]) {
    append(ids.count)
    for id in ids { append(Int(id)) }
  }

  mutating func append(text: String) { append(Array(text.utf8)) }

  /// A vocabulary in its one order: by id, then by bytes.
  mutating func append(vocabulary: [(token: [UInt8], id: Int32)]) {
    append(vocabulary.count)
    let sorted = vocabulary.sorted {
      $0.id != $1.id ? $0.id < $1.id : $0.token.lexicographicallyPrecedes($1.token)
    }
    for (token, id) in sorted {
      append(Int(id))
      append(token)
    }
  }

  mutating func append(addedTokens: [(token: AddedToken, id: Int32)]) {
    append(addedTokens.count)
    for (token, id) in addedTokens {
      append(Int(id))
      append(text: token.content)
      append(token.isSingleWord)
      append(token.stripsLeft)
      append(token.stripsRight)
      append(token.isNormalized)
    }
  }

  private mutating func append(bits: UInt64) {
    for shift in stride(from: UInt64(0), to: 64, by: 8) {
      bytes.append(UInt8(truncatingIfNeeded: bits >> shift))
    }
  }
}
