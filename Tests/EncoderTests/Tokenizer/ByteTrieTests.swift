import Testing

@testable import Encoder

@Suite("Byte trie")
struct ByteTrieTests {
  @Test("finds the longest key and no other", arguments: [0, 1, 2, 7, 300, 20_000])
  func longest(count: Int) {
    var trie = ByteTrie()
    for number in 0..<count { trie.insert(String(number).utf8, value: Int32(number)) }
    for number in [0, 1, 6, 9, 299, 300, 19_999, 20_000] {
      let bytes = Array("x\(number)y".utf8)
      let found = trie.longestMatch(in: bytes, from: 1, to: bytes.count)
      // The longest decimal prefix that is itself one of the numbers.
      let digits = String(number)
      let expected = (1...digits.count).compactMap { Int(digits.prefix($0)) }.last {
        $0 < count && String($0).count <= digits.count
      }
      #expect(found?.value == expected.map(Int32.init))
      #expect(found?.end == expected.map { 1 + String($0).count })
    }
  }

  @Test("does not read past the limit, and knows exact keys")
  func limits() {
    var trie = ByteTrie()
    trie.insert("ab".utf8, value: 1)
    trie.insert("abcd".utf8, value: 2)
    let bytes = Array("abcd".utf8)
    #expect(trie.longestMatch(in: bytes, from: 0, to: 3)?.end == 2)
    #expect(trie.longestMatch(in: bytes, from: 0, to: 4)?.value == 2)
    #expect(trie.longestMatch(in: bytes, from: 4, to: 4) == nil)
    #expect(trie["ab".utf8] == 1 && trie["abc".utf8] == nil && trie["".utf8] == nil)
    trie.insert("ab".utf8, value: 7)
    #expect(trie["ab".utf8] == 7)
  }
}
