/// Text and the pieces of it that the model spells one by one.
struct TextPieces {
  var text: [UInt8]
  var ranges: [Range<Int>]
  /// Whether the first piece starts where the whole text does.
  var startsText: Bool

  init(_ text: [UInt8], startsText: Bool) {
    self.text = text
    self.startsText = startsText
    ranges = text.isEmpty ? [] : [0..<text.count]
  }

  /// Cuts every piece further.
  mutating func split(
    _ behavior: SplitBehavior, _ find: (_ text: [UInt8], _ piece: Range<Int>) -> [TextMatch]
  ) {
    ranges = ranges.flatMap { behavior.pieces(find(text, $0)) }
  }

  /// Cuts every piece at the scalars of a kind, each a match.
  mutating func split(_ behavior: SplitBehavior, at isMatch: (UInt32) -> Bool) {
    split(behavior) { text, piece in
      var found = MatchList(start: piece.lowerBound)
      var position = piece.lowerBound
      while position < piece.upperBound {
        let (scalar, length) = text.scalar(at: position)
        if isMatch(scalar) { found.append(position..<position + length) }
        position += length
      }
      return found.closed(at: piece.upperBound)
    }
  }

  /// Writes every piece anew.
  mutating func rewrite(
    _ write: (_ text: [UInt8], _ piece: Range<Int>, _ index: Int, inout [UInt8]) -> Void
  ) {
    var output: [UInt8] = []
    output.reserveCapacity(text.count * 2)
    for index in ranges.indices {
      let start = output.count
      write(text, ranges[index], index, &output)
      ranges[index] = start..<output.count
    }
    text = output
  }
}

/// One step of cutting normalised text into pieces; the names are those of `tokenizer.json`.
enum PreTokenizerStep: Sendable {
  /// White space goes, punctuation stands alone.
  case bert
  /// `\w+|[^\w\s]+`.
  case whitespace
  case whitespaceSplit
  case punctuation(SplitBehavior)
  case digits(individual: Bool)
  case metaspace(Metaspace)
  case byteLevel(ByteLevel)
  case split(TextPattern, SplitBehavior, isInverted: Bool)

  /// Cuts and rewrites the pieces of a text.
  ///
  /// - Complexity: O(length).
  func apply(to pieces: inout TextPieces) {
    let classes = ScalarClasses.shared
    switch self {
    case .bert:
      pieces.split(.removed, at: classes.isWhitespace)
      pieces.split(.isolated, at: classes.isPunctuation)
    case .whitespace:
      pieces.split(.removed, at: classes.isWhitespace)
      pieces.split(.contiguous) { text, piece in Self.words(text, piece) }
    case .whitespaceSplit: pieces.split(.removed, at: classes.isWhitespace)
    case .punctuation(let behavior): pieces.split(behavior, at: classes.isPunctuation)
    case .digits(let individual):
      pieces.split(individual ? .isolated : .contiguous, at: classes.isNumeric)
    case .metaspace(let metaspace): metaspace.apply(to: &pieces)
    case .byteLevel(let byteLevel): byteLevel.apply(to: &pieces)
    case .split(let pattern, let behavior, let isInverted):
      pieces.split(behavior) { text, piece in
        pattern.matches(in: text, piece).map {
          TextMatch(range: $0.range, isMatch: $0.isMatch != isInverted)
        }
      }
    }
  }

  /// Word characters as matches; the caller takes neighbours together.
  private static func words(_ text: [UInt8], _ piece: Range<Int>) -> [TextMatch] {
    let classes = ScalarClasses.shared
    var found = MatchList(start: piece.lowerBound)
    var position = piece.lowerBound
    while position < piece.upperBound {
      let (scalar, length) = text.scalar(at: position)
      if classes.isWord(scalar) { found.append(position..<position + length) }
      position += length
    }
    return found.closed(at: piece.upperBound)
  }
}

/// SentencePiece's way with spaces: each is a sign that starts the word after it.
struct Metaspace: Sendable {
  enum Prefix: String {
    case first, always, never
  }

  var sign: [UInt8]
  /// Which pieces get a sign in front that have none.
  var prefix: Prefix
  var splits: Bool

  func apply(to pieces: inout TextPieces) {
    let startsText = pieces.startsText
    pieces.rewrite { text, piece, index, output in
      let isPrefixed = prefix == .always || prefix == .first && index == 0 && startsText
      let hasSign =
        text[piece].starts(with: sign) || text[piece.lowerBound] == UInt8(ascii: " ")
      if isPrefixed, !hasSign { output.append(contentsOf: sign) }
      for byte in text[piece] {
        if byte == UInt8(ascii: " ") {
          output.append(contentsOf: sign)
        } else {
          output.append(byte)
        }
      }
    }
    if splits {
      pieces.split(.mergedWithNext) { TextPattern.literal(sign).matches(in: $0, $1) }
    }
  }
}

/// GPT-2's way with bytes: each is a character of an alphabet of 256.
struct ByteLevel: Sendable {
  /// Whether a piece without a space in front gets one.
  var addsSpace: Bool
  /// Whether pieces are cut into the words of GPT-2.
  var splitsWords: Bool

  /// UTF-8 of the character that stands for each byte: itself where Latin-1 prints it, else the
  /// next of U+0100 and on.
  static let alphabet: [[UInt8]] = {
    var spare: UInt32 = 0x100
    return (UInt32(0)..<256).map { byte in
      let isPrinted =
        (0x21...0x7E).contains(byte) || (0xA1...0xAC).contains(byte)
        || (0xAE...0xFF).contains(byte)
      var character: [UInt8] = []
      character.append(scalar: isPrinted ? byte : spare)
      if !isPrinted { spare += 1 }
      return character
    }
  }()

  func apply(to pieces: inout TextPieces) {
    if addsSpace {
      pieces.rewrite { text, piece, _, output in
        if text[piece.lowerBound] != UInt8(ascii: " ") { output.append(UInt8(ascii: " ")) }
        output.append(contentsOf: text[piece])
      }
    }
    if splitsWords { pieces.split(.isolated, TextPattern.gpt2Words.matches) }
    let alphabet = Self.alphabet
    pieces.rewrite { text, piece, _, output in
      for byte in text[piece] { output.append(contentsOf: alphabet[Int(byte)]) }
    }
  }
}
