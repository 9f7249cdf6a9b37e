/// `BertPreTokenizer` and the WordPiece model: normalised text to the ids of its pieces.
struct WordPieceModel: Sendable {
  private var initialPieces = ByteTrie()
  private var continuations = ByteTrie()
  private let classes = ScalarClasses.shared
  private let asciiClasses: [UInt8]
  private let unknownID: Int32
  private let maximumWordLength: Int

  /// - Parameter vocabulary: tokens as UTF-8 bytes with their ids; of equal ones the last counts.
  init(
    vocabulary: [(token: [UInt8], id: Int32)], unknownID: Int32, continuationPrefix: [UInt8],
    maximumWordLength: Int
  ) {
    self.unknownID = unknownID
    self.maximumWordLength = maximumWordLength
    asciiClasses = (0..<128).map { [classes] in classes.pretokenizerClass(of: $0) }
    for (token, id) in vocabulary {
      initialPieces.insert(token, value: id)
      if token.starts(with: continuationPrefix) {
        continuations.insert(token.dropFirst(continuationPrefix.count), value: id)
      }
    }
  }

  /// Splits `text[range]`, normalised and valid UTF-8, at white space and around punctuation, and
  /// appends the ids of the words to `ids`.
  func appendIDs(of text: [UInt8], _ range: Range<Int>, to ids: inout [Int32]) {
    var wordStart = range.lowerBound
    var position = range.lowerBound
    while position < range.upperBound {
      let byte = text[position]
      let (scalar, length) = byte < 0x80 ? (UInt32(byte), 1) : text.scalar(at: position)
      let scalarClass =
        byte < 0x80 ? asciiClasses[Int(byte)] : classes.pretokenizerClass(of: scalar)
      let next = position + length
      if scalarClass != 0 {
        if wordStart < position { appendWord(text, wordStart..<position, to: &ids) }
        if scalarClass == ScalarClasses.punctuation {
          appendWord(text, position..<next, to: &ids)
        }
        wordStart = next
      }
      position = next
    }
    if wordStart < position { appendWord(text, wordStart..<position, to: &ids) }
  }

  /// Greedy longest match from the left; a word that cannot be spelled to its end is unknown.
  func appendWord(_ text: [UInt8], _ word: Range<Int>, to ids: inout [Int32]) {
    if word.count > maximumWordLength, scalarCount(text, word) > maximumWordLength {
      return ids.append(unknownID)
    }
    let count = ids.count
    var position = word.lowerBound
    while position < word.upperBound {
      let match =
        position == word.lowerBound
        ? initialPieces.longestMatch(in: text, from: position, to: word.upperBound)
        : continuations.longestMatch(in: text, from: position, to: word.upperBound)
      guard let match else {
        ids.removeSubrange(count...)
        return ids.append(unknownID)
      }
      ids.append(match.value)
      position = match.end
    }
  }

  private func scalarCount(_ text: [UInt8], _ word: Range<Int>) -> Int {
    word.reduce(0) { $0 + (text[$1] & 0xC0 == 0x80 ? 0 : 1) }
  }
}
