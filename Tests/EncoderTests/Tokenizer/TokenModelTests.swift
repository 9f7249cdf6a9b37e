import Testing

@testable import Encoder

@Suite("Models of pipelines")
struct TokenModelTests {
  private func ids(_ text: String, _ model: BytePairModel) -> [Int32] {
    var ids: [Int32] = []
    let bytes = Array(text.utf8)
    model.appendIDs(of: bytes, 0..<bytes.count, to: &ids)
    return ids
  }

  /// a b c ab abc bc, where "ab" was learnt before "bc".
  private func model(_ options: BytePairModel.Options = .init()) -> BytePairModel {
    let words = ["a", "b", "c", "ab", "abc", "bc"].map { Array($0.utf8) }
    let vocabulary = words.enumerated().map { (token: $1, id: Int32($0)) }
    let merges: [(Int32, Int32, Int32)] = [(0, 1, 3), (3, 2, 4), (1, 2, 5)]
    return BytePairModel(
      vocabulary: vocabulary,
      merges: merges.map { .init(left: $0.0, right: $0.1, merged: $0.2) }, options: options)
  }

  @Test(
    "pairs are merged in the order they were learnt, the leftmost first",
    arguments: [
      ("", []), ("a", [0]), ("ab", [3]), ("abc", [4]), ("bc", [5]), ("bcabc", [5, 4]),
      ("cba", [2, 1, 0]), ("xay", [0]),
    ] as [(String, [Int32])])
  func merges(text: String, expected: [Int32]) {
    #expect(ids(text, model()) == expected)
  }

  @Test("long words are merged as short ones are", arguments: [7, 8, 9, 1000])
  func longWords(count: Int) {
    // 24 symbols are the most that are merged without a heap.
    let text = String(repeating: "abc", count: count)
    #expect(ids(text, model()) == Array(repeating: 4, count: count))
    let other = String(repeating: "cab", count: count)
    let middle = [Int32](repeating: 4, count: count - 1)
    #expect(ids(other, model()) == [2] + middle + [3])
  }

  @Test("unknown scalars become one token or many, or vanish, or are spelled in bytes")
  func unknown() {
    var options = BytePairModel.Options()
    #expect(ids("xxa", model(options)) == [0])
    options.unknownID = 9
    #expect(ids("xxa", model(options)) == [9, 9, 0])
    options.fusesUnknown = true
    #expect(ids("xxayx", model(options)) == [9, 0, 9])
    options.byteIDs = (0..<256).map { $0 == 0x78 ? 70 : -1 }
    // The unknown "y" waits until a scalar has a token: the reference does so too.
    #expect(ids("yxa", model(options)) == [70, 9, 0])
  }

  @Test("a whole token is taken as it is when merges are ignored")
  func wholeTokens() {
    var options = BytePairModel.Options()
    options.takesWholeTokens = true
    #expect(ids("bc", model(options)) == [5] && ids("abcb", model(options)) == [4, 1])
  }

  @Test(
    "the spelling of the greatest score wins",
    arguments: [
      ("", []), ("abcdacdxx", [8, 1, 5, 0]), ("x", [0]), ("dxa", [4, 0, 1]), ("ab", [6]),
    ] as [(String, [Int32])])
  func unigram(text: String, expected: [Int32]) {
    let model = UnigramModel(
      vocabulary: [
        ("<unk>", 0.0), ("a", 0.0), ("b", 0.0), ("c", 0.0), ("d", 0.0), ("cd", 1.0), ("ab", 2.0),
        ("abc", 5.0), ("abcd", 10.0),
      ].map { (Array($0.0.utf8), $0.1) }, unknownID: 0, spellsBytes: false)
    var (ids, nodes): ([Int32], [UnigramModel.Node]) = ([], [])
    let bytes = Array(text.utf8)
    model.appendIDs(of: bytes, 0..<bytes.count, to: &ids, using: &nodes)
    #expect(ids == expected)
  }

  @Test("a heap gives its numbers in order", arguments: [0, 1, 2, 97, 1000])
  func heap(count: Int) {
    var heap = MinimumHeap()
    let numbers = (0..<UInt64(count)).map { $0 * 7919 % 1009 }
    for number in numbers { heap.push(number) }
    var sorted: [UInt64] = []
    while let top = heap.pop() { sorted.append(top) }
    #expect(sorted == numbers.sorted())
  }

  @Test("a table of pairs knows what was put in and nothing else", arguments: [0, 1, 13, 5000])
  func pairs(count: Int) {
    var table = PairTable(capacity: count)
    for index in 0..<Int32(count) {
      table.insert(index, index &* 31, rank: Int(index) + 1, merged: index + 2)
    }
    for index in 0..<Int32(count) {
      let found = table[index, index &* 31]
      #expect(found?.rank == Int(index) + 1 && found?.merged == index + 2)
      #expect(table[index, index &* 31 + 1] == nil)
    }
    #expect(table[-1, -2] == nil)
  }
}
