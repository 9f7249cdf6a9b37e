/// The normalizer `Precompiled`: the character map a SentencePiece model carries.
///
/// It is a double array (`Darts`) over bytes whose values are places in a block of texts that end
/// with NUL. Clusters of less than six bytes are looked up as one, and are replaced as a whole
/// even where the map only has what they begin with: that is what Hugging Face `tokenizers` does
/// (crate `spm_precompiled`), and what models are used with.
struct CharacterMap: Sendable {
  private let units: [UInt32]
  private let texts: [UInt8]
  /// What becomes of each ASCII character that stands alone.
  private var ascii: [Range<Int>?] = []
  /// The decoded file member, for the identity of a tokenizer.
  let bytes: [UInt8]

  /// Clusters of this many bytes are looked up scalar by scalar.
  private static let longCluster = 6

  /// - Returns: `nil` when the bytes are not such a map.
  init?(_ bytes: [UInt8]) {
    func word(_ place: Int) -> UInt32 {
      (0..<4).reduce(0) { $0 | UInt32(bytes[place + $1]) << UInt32($1 * 8) }
    }
    guard bytes.count >= 8 else { return nil }
    let count = Int(word(0)) / 4
    guard count > 0, 4 + count * 4 <= bytes.count else { return nil }
    self.bytes = bytes
    units = (0..<count).map { word(4 + $0 * 4) }
    texts = Array(bytes[(4 + count * 4)...])
    guard (try? UTF8Span(validating: texts.span)) != nil else { return nil }
    ascii = (0..<128).map { replacement(of: [UInt8($0)], 0..<1) }
  }

  /// Appends what becomes of `text`, valid UTF-8, to `output`.
  ///
  /// - Complexity: O(length).
  func normalize(_ text: [UInt8], into output: inout [UInt8]) {
    output.reserveCapacity(output.count + text.count)
    var position = 0
    while position < text.count {
      let byte = text[position]
      let next = position + 1
      if byte < 0x80, byte != 0x0D, next == text.count || text[next] < 0x80 {
        append(ascii[Int(byte)], or: text, position..<next, to: &output)
        position = next
        continue
      }
      let end = GraphemeClusters.shared.end(in: text, from: position, limit: text.count)
      appendCluster(text, position..<end, to: &output)
      position = end
    }
  }

  private func appendCluster(_ text: [UInt8], _ cluster: Range<Int>, to output: inout [UInt8]) {
    if cluster.count < Self.longCluster, let found = replacement(of: text, cluster) {
      return output.append(contentsOf: texts[found])
    }
    var position = cluster.lowerBound
    while position < cluster.upperBound {
      let part = position..<position + text.scalar(at: position).length
      append(replacement(of: text, part), or: text, part, to: &output)
      position = part.upperBound
    }
  }

  private func append(
    _ replacement: Range<Int>?, or text: [UInt8], _ part: Range<Int>, to output: inout [UInt8]
  ) {
    if let replacement {
      output.append(contentsOf: texts[replacement])
    } else {
      output.append(contentsOf: text[part])
    }
  }

  /// The text of the shortest key that `key[range]` begins with.
  private func replacement(of key: [UInt8], _ range: Range<Int>) -> Range<Int>? {
    var node = Self.offset(units[0])
    for place in range {
      let byte = UInt32(key[place])
      if byte == 0 { return nil }
      node ^= Int(byte)
      guard node < units.count, units[node] & 0x8000_00FF == byte else { return nil }
      let unit = units[node]
      node ^= Self.offset(unit)
      guard unit >> 8 & 1 == 1, node < units.count else { continue }
      let start = Int(units[node] & 0x7FFF_FFFF)
      // A damaged map may point past the texts or into a scalar.
      guard start < texts.count, texts[start] & 0xC0 != 0x80 else { return nil }
      return start..<(texts[start...].firstIndex(of: 0) ?? texts.count)
    }
    return nil
  }

  private static func offset(_ unit: UInt32) -> Int { Int(unit >> 10) << Int((unit & 0x200) >> 6) }
}
