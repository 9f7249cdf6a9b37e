/// One step of what a pipeline does to text before it is cut into pieces; the names are those of
/// `tokenizer.json`, the behaviour that of Hugging Face `tokenizers` 0.23.3.
enum NormalizerStep: Sendable {
  case bert(TextNormalizer, WordPieceOptions)
  case lowercase(TextNormalizer)
  case form(UnicodeForm)
  /// Drops all marks, decomposed before or not.
  case stripAccents
  /// Drops white space at the ends.
  case strip(left: Bool, right: Bool)
  case replace(TextPattern, by: [UInt8])
  case prepend([UInt8])
  /// The clean-up of Google's translation models.
  case nmt
  case precompiled(CharacterMap)

  /// `Lowercase`: scalar by scalar, without context.
  static let lowercase: NormalizerStep = {
    var options = WordPieceOptions()
    (options.cleansText, options.separatesIdeographs) = (false, false)
    options.stripsAccents = false
    return .lowercase(TextNormalizer(options))
  }()

  /// What becomes of valid UTF-8.
  ///
  /// - Complexity: O(length).
  func apply(_ text: [UInt8]) -> [UInt8] {
    switch self {
    case .bert(let normalizer, _), .lowercase(let normalizer):
      var output: [UInt8] = []
      normalizer.normalize(text, 0..<text.count, into: &output)
      return output
    case .form(let form): return form.normalize(text)
    case .stripAccents: return ScalarFilter.accents.apply(text)
    case .strip(let left, let right): return Self.stripped(text, left, right)
    case .replace(let pattern, let content): return Self.replaced(text, pattern, content)
    case .prepend(let prefix): return text.isEmpty ? text : prefix + text
    case .nmt: return ScalarFilter.nmt.apply(text)
    case .precompiled(let map):
      var output: [UInt8] = []
      map.normalize(text, into: &output)
      return output
    }
  }

  private static func stripped(_ text: [UInt8], _ left: Bool, _ right: Bool) -> [UInt8] {
    let classes = ScalarClasses.shared
    var (start, end) = (0, text.count)
    while left, start < end {
      let (scalar, length) = text.scalar(at: start)
      if !classes.isWhitespace(scalar) { break }
      start += length
    }
    while right, start < end {
      let (scalar, length) = text.scalar(before: end)
      if !classes.isWhitespace(scalar) { break }
      end -= length
    }
    return Array(text[start..<end])
  }

  private static func replaced(
    _ text: [UInt8], _ pattern: TextPattern, _ content: [UInt8]
  ) -> [UInt8] {
    var output: [UInt8] = []
    output.reserveCapacity(text.count)
    for match in pattern.matches(in: text, 0..<text.count) {
      output.append(contentsOf: match.isMatch ? content[...] : text[match.range])
    }
    return output
  }
}

extension NormalizerStep {
  /// Adds what changes ids to a tokenizer's identity.
  func append(to bytes: inout CanonicalBytes) {
    switch self {
    case .bert(_, let options):
      bytes.append(text: "bert")
      bytes.append(options.cleansText)
      bytes.append(options.separatesIdeographs)
      bytes.append(options.stripsAccents ?? options.lowercases)
      bytes.append(options.lowercases)
    case .lowercase: bytes.append(text: "lowercase")
    case .form(let form): bytes.append(text: form.rawValue)
    case .stripAccents: bytes.append(text: "strip accents")
    case .strip(let left, let right):
      bytes.append(text: "strip")
      bytes.append(left)
      bytes.append(right)
    case .replace(let pattern, let content):
      bytes.append(text: "replace")
      pattern.append(to: &bytes)
      bytes.append(content)
    case .prepend(let prefix):
      bytes.append(text: "prepend")
      bytes.append(prefix)
    case .nmt: bytes.append(text: "nmt")
    case .precompiled(let map):
      bytes.append(text: "precompiled")
      bytes.append(map.bytes)
    }
  }
}

extension TextPattern {
  /// Adds what changes ids to a tokenizer's identity.
  func append(to bytes: inout CanonicalBytes) {
    switch self {
    case .literal(let text):
      bytes.append(text: "literal")
      bytes.append(text)
    case .repeated(let scalar, let minimum, let maximum):
      bytes.append(text: "repeated")
      bytes.append(scalar.map { Int($0) } ?? -1)
      bytes.append(minimum)
      bytes.append(maximum)
    case .gpt2Words: bytes.append(text: "gpt2")
    }
  }
}
