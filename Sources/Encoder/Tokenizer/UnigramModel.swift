/// The Unigram model of SentencePiece (Kudo 2018): of all ways to spell a piece, the one whose
/// tokens have the greatest sum of scores (Viterbi).
struct UnigramModel: Sendable {
  private var tokens = ByteTrie()
  private let scores: [Double]
  private let unknownID: Int32
  private let unknownScore: Double
  /// Ids of `<0x00>` to `<0xFF>`, -1 where there is none; empty when bytes are not spelled.
  private let byteIDs: [Int32]

  /// An unknown scalar scores this much less than the worst token (`kUnkPenalty`).
  private static let unknownPenalty = 10.0

  /// The best way to spell a text up to some byte.
  struct Node {
    /// Sum of the scores.
    var score = 0.0
    /// Where the last token starts; -1 when nothing ends here.
    var start: Int32 = -1
    var id: Int32 = 0
  }

  /// - Parameters:
  ///   - vocabulary: tokens as UTF-8 bytes with their scores, numbered from 0; of equal ones the
  ///     last counts.
  ///   - unknownID: the token for scalars without one.
  ///   - spellsBytes: whether unknown scalars are spelled by tokens like `<0x0A>`
  ///     (`byte_fallback`).
  init(vocabulary: [(token: [UInt8], score: Double)], unknownID: Int32, spellsBytes: Bool) {
    for (id, entry) in vocabulary.enumerated() where !entry.token.isEmpty {
      tokens.insert(entry.token, value: Int32(id))
    }
    scores = vocabulary.map(\.score)
    self.unknownID = unknownID
    unknownScore = (scores.min() ?? 0) - Self.unknownPenalty
    byteIDs = spellsBytes ? ByteTokens.ids { [tokens] in tokens[$0] } : []
  }

  /// Appends the ids of the piece `text[range]`, valid UTF-8. `nodes` is room to work in.
  ///
  /// - Complexity: O(n · longest token) for n bytes.
  func appendIDs(
    of text: [UInt8], _ range: Range<Int>, to ids: inout [Int32], using nodes: inout [Node]
  ) {
    if range.isEmpty { return }
    nodes.removeAll(keepingCapacity: true)
    nodes.append(contentsOf: repeatElement(Node(), count: range.count + 1))
    var position = range.lowerBound
    while position < range.upperBound {
      let length = text.scalar(at: position).length
      extend(&nodes, from: position - range.lowerBound, scalarLength: length, text, range)
      position += length
    }
    appendBest(nodes, of: text, range, to: &ids)
  }

  /// Tries all tokens that start at byte `start` of the piece.
  private func extend(
    _ nodes: inout [Node], from start: Int, scalarLength: Int, _ text: [UInt8], _ range: Range<Int>
  ) {
    let score = nodes[start].score
    var hasScalar = false
    func offer(_ id: Int32, _ length: Int, _ candidate: Double) {
      let end = start + length
      if nodes[end].start >= 0, candidate <= nodes[end].score { return }
      nodes[end] = Node(score: candidate, start: Int32(start), id: id)
    }
    tokens.forEachMatch(in: text, from: range.lowerBound + start, to: range.upperBound) {
      offer($1, $0 - range.lowerBound - start, scores[Int($1)] + score)
      hasScalar = hasScalar || $0 - range.lowerBound - start == scalarLength
    }
    if !hasScalar { offer(unknownID, scalarLength, unknownScore + score) }
  }

  /// Walks back from the end and appends the ids in order; unknown neighbours are one.
  private func appendBest(
    _ nodes: [Node], of text: [UInt8], _ range: Range<Int>, to ids: inout [Int32]
  ) {
    let first = ids.count
    var end = nodes.count - 1
    while end > 0 {
      var start = Int(nodes[end].start)
      guard nodes[end].id == unknownID else {
        ids.append(nodes[end].id)
        end = start
        continue
      }
      while start > 0, nodes[start].id == unknownID { start = Int(nodes[start].start) }
      appendUnknown(
        text[(range.lowerBound + start)..<(range.lowerBound + end)], reversedTo: &ids)
      end = start
    }
    ids[first...].reverse()
  }

  /// Appends, from the last to the first, the ids of a stretch that was not known.
  private func appendUnknown(_ bytes: ArraySlice<UInt8>, reversedTo ids: inout [Int32]) {
    if let id = tokens[bytes] { return ids.append(id) }
    let spelled = byteIDs.isEmpty ? [] : bytes.map { byteIDs[Int($0)] }
    if spelled.isEmpty || spelled.contains(-1) { return ids.append(unknownID) }
    ids.append(contentsOf: spelled.reversed())
  }
}

/// Tokens that stand for single bytes: `<0x00>` to `<0xFF>`.
enum ByteTokens {
  /// Their ids, -1 where `find` has none.
  static func ids(_ find: ([UInt8]) -> Int32?) -> [Int32] {
    (0..<256).map { byte in
      let digits = String(byte, radix: 16, uppercase: true)
      return find(Array("<0x\(byte < 16 ? "0" : "")\(digits)>".utf8)) ?? -1
    }
  }
}
