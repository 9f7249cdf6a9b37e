/// A stretch of text that a pattern was found in, or one between such.
struct TextMatch: Equatable {
  var range: Range<Int>
  var isMatch: Bool
}

/// The patterns that are understood in `Replace` and `Split`: a string, or a regular expression
/// that is one character or `\s`, with `+` or `{n,m}` behind it.
enum TextPattern: Sendable, Equatable {
  case literal([UInt8])
  /// The scalar, `nil` for white space, and how often it stands at least and at most.
  case repeated(scalar: UInt32?, minimum: Int, maximum: Int)
  /// The words of GPT-2; see `GPT2Words`.
  case gpt2Words
}

extension TextPattern {
  /// Reads a regular expression; `nil` when it is none of those that are understood.
  init?(expression: String) {
    if expression == GPT2Words.expression {
      self = .gpt2Words
      return
    }
    var rest = Array(expression.unicodeScalars)[...]
    guard let first = rest.popFirst() else { return nil }
    var scalar: UInt32? = first.value
    if first == "\\" {
      guard let escaped = rest.popFirst() else { return nil }
      if escaped == "s" { scalar = nil } else { scalar = escaped.value }
      if scalar != nil, !Self.meta.contains(escaped) { return nil }
    } else if Self.meta.contains(first) {
      return nil
    }
    guard let bounds = Self.bounds(String(String.UnicodeScalarView(rest))) else { return nil }
    self = .repeated(scalar: scalar, minimum: bounds.lowerBound, maximum: bounds.upperBound)
  }

  private static let meta = Set("\\.+*?()|[]{}^$".unicodeScalars)

  /// How often "", "+", "{2}", "{2,}" and "{2,5}" say.
  private static func bounds(_ quantifier: String) -> ClosedRange<Int>? {
    if quantifier.isEmpty { return 1...1 }
    if quantifier == "+" { return 1...Int.max }
    guard quantifier.hasPrefix("{"), quantifier.hasSuffix("}") else { return nil }
    let numbers = quantifier.dropFirst().dropLast()
      .split(separator: ",", omittingEmptySubsequences: false)
    guard let low = numbers.first.flatMap({ Int($0) }), low > 0, numbers.count <= 2 else {
      return nil
    }
    if numbers.count == 1 { return low...low }
    let high = numbers[1].isEmpty ? Int.max : Int(numbers[1])
    return high.flatMap { $0 < low ? nil : low...$0 }
  }

  /// Cuts `text[range]`, valid UTF-8, into matches, from the left, and what stands between them.
  func matches(in text: [UInt8], _ range: Range<Int>) -> [TextMatch] {
    var found = MatchList(start: range.lowerBound)
    var position = range.lowerBound
    while position < range.upperBound {
      let end = self.end(in: text, from: position, limit: range.upperBound)
      if let end {
        found.append(position..<end)
        position = end
      } else {
        position += text.scalar(at: position).length
      }
    }
    return found.closed(at: range.upperBound)
  }

  /// Where a match that starts at `start` ends.
  private func end(in text: [UInt8], from start: Int, limit: Int) -> Int? {
    switch self {
    case .literal(let pattern):
      return text[start..<limit].starts(with: pattern) ? start + pattern.count : nil
    case .gpt2Words: return GPT2Words.shared.end(in: text, from: start, limit: limit)
    case .repeated(let scalar, let minimum, let maximum):
      var (position, count) = (start, 0)
      while position < limit, count < maximum {
        let found = text.scalar(at: position)
        let fits = scalar.map { $0 == found.value } ?? GPT2Words.shared.isSpace(found.value)
        if !fits { break }
        position += found.length
        count += 1
      }
      return count < minimum ? nil : position
    }
  }
}

/// Matches that are found one after the other, with the text between them.
struct MatchList {
  private var matches: [TextMatch] = []
  private var done: Int

  init(start: Int) { done = start }

  mutating func append(_ range: Range<Int>) {
    if done < range.lowerBound {
      matches.append(TextMatch(range: done..<range.lowerBound, isMatch: false))
    }
    matches.append(TextMatch(range: range, isMatch: true))
    done = range.upperBound
  }

  consuming func closed(at end: Int) -> [TextMatch] {
    if done < end { matches.append(TextMatch(range: done..<end, isMatch: false)) }
    return matches
  }
}
