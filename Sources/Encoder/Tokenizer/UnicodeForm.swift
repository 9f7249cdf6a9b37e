/// The Unicode normalization forms, with the tables Hugging Face `tokenizers` has (Unicode 9;
/// Unicode Standard, section 3.11).
enum UnicodeForm: String, Sendable {
  case nfc = "NFC"
  case nfd = "NFD"
  case nfkc = "NFKC"
  case nfkd = "NFKD"

  private var composes: Bool { self == .nfc || self == .nfkc }

  private var decomposition: DecompositionTable {
    self == .nfc || self == .nfd ? .canonical : .compatible
  }

  /// The form of valid UTF-8.
  ///
  /// - Complexity: O(length); a run of n marks out of order costs O(n log n).
  func normalize(_ text: [UInt8]) -> [UInt8] {
    // ASCII is the same in every form.
    if !text.contains(where: { $0 >= 0x80 }) { return text }
    var scalars = decomposed(text)
    Self.sortMarks(&scalars)
    if composes { Composition.shared.compose(&scalars) }
    var output: [UInt8] = []
    output.reserveCapacity(text.count)
    for scalar in scalars { output.append(scalar: scalar) }
    return output
  }

  private func decomposed(_ text: [UInt8]) -> [UInt32] {
    let table = decomposition
    var scalars: [UInt32] = []
    scalars.reserveCapacity(text.count)
    var position = 0
    while position < text.count {
      let (scalar, length) = text.scalar(at: position)
      table.append(scalar, to: &scalars)
      position += length
    }
    return scalars
  }

  /// Puts runs of marks in canonical order: a stable sort by combining class.
  private static func sortMarks(_ scalars: inout [UInt32]) {
    let classes = MarkClasses.shared
    var position = 0
    while position < scalars.count {
      let start = position
      while position < scalars.count, classes[scalars[position]] != 0 { position += 1 }
      if position - start > 1 { sortRun(&scalars, start..<position, classes) }
      position += 1
    }
  }

  private static func sortRun(
    _ scalars: inout [UInt32], _ run: Range<Int>, _ classes: MarkClasses
  ) {
    // Class, place, scalar: as numbers they sort stably.
    var keys = run.map {
      UInt64(classes[scalars[$0]]) << 56 | UInt64($0 - run.lowerBound) << 24 | UInt64(scalars[$0])
    }
    keys.sort()
    for (place, key) in zip(run, keys) {
      scalars[place] = UInt32(truncatingIfNeeded: key & 0xFF_FFFF)
    }
  }
}

/// Canonical combining classes; 0 for what is no mark.
struct MarkClasses: Sendable {
  private var classes = ScalarTable<UInt8>(repeating: 0)

  static let shared = MarkClasses()

  private init() {
    for (number, ranges) in UnicodeFacts.groups(UnicodeFacts.markClasses) {
      for range in ranges { classes.set(range, to: UInt8(number)) }
    }
  }

  subscript(scalar: UInt32) -> UInt8 { classes[scalar] }
}

/// What each scalar falls into, all the way down.
struct DecompositionTable: Sendable {
  /// Where the scalars stand and how many (the low 5 bits); 0 for what stays.
  private var places = ScalarTable<UInt32>(repeating: 0)
  private var scalars: [UInt32] = []

  static let canonical = DecompositionTable([(canonicalRuns, canonicalSequences)])
  static let compatible = DecompositionTable([
    (canonicalRuns, canonicalSequences),
    (UnicodeFacts.compatibleRuns, UnicodeFacts.compatibleSequences),
  ])
  private static let canonicalRuns = UnicodeFacts.canonicalRuns
  private static let canonicalSequences = UnicodeFacts.canonicalSequences

  /// Later tables replace what earlier ones say.
  private init(_ tables: [(runs: String, sequences: String)]) {
    for (runs, sequences) in tables {
      for (scalar, target) in UnicodeFacts.runs(runs) { set(scalar, [target]) }
      for (scalar, targets) in UnicodeFacts.mappings(sequences) { set(scalar, targets) }
    }
  }

  private mutating func set(_ scalar: UInt32, _ targets: [UInt32]) {
    places[scalar] = UInt32(scalars.count) << 5 | UInt32(targets.count)
    scalars.append(contentsOf: targets)
  }

  /// Appends what `scalar` falls into; Hangul by arithmetic (Unicode Standard, section 3.12).
  func append(_ scalar: UInt32, to output: inout [UInt32]) {
    if UnicodeFacts.hangul.contains(scalar) {
      let index = scalar - UnicodeFacts.hangul.lowerBound
      output.append(0x1100 + index / 588)
      output.append(0x1161 + index % 588 / 28)
      if index % 28 > 0 { output.append(0x11A7 + index % 28) }
      return
    }
    let place = places[scalar]
    if place == 0 { return output.append(scalar) }
    let start = Int(place >> 5)
    output.append(contentsOf: scalars[start..<start + Int(place & 31)])
  }
}

/// Pairs of scalars that are put together again.
private struct Composition: Sendable {
  private var composites: [UInt64: UInt32] = [:]

  static let shared = Composition()

  private init() {
    let alone = Set(UnicodeFacts.ranges(UnicodeFacts.uncomposed).flatMap(\.self))
    var whole: [[UInt32]: UInt32] = [:]
    let sequences = UnicodeFacts.mappings(UnicodeFacts.canonicalSequences)
    for (scalar, targets) in sequences where !alone.contains(scalar) { whole[targets] = scalar }
    for (targets, scalar) in whole {
      let first = Array(targets.dropLast())
      // What stands before the last scalar is one, or composed itself: the maker of the table
      // has looked.
      guard let left = first.count == 1 ? first[0] : whole[first] else { continue }
      composites[Self.key(left, targets[targets.count - 1])] = scalar
    }
  }

  private static func key(_ left: UInt32, _ right: UInt32) -> UInt64 {
    UInt64(left) << 32 | UInt64(right)
  }

  /// Composes sorted scalars in place (Unicode Standard, definition D117).
  func compose(_ scalars: inout [UInt32]) {
    let classes = MarkClasses.shared
    var count = 0
    var starter = -1
    var lastClass: UInt8 = 0
    for index in scalars.indices {
      let scalar = scalars[index]
      let scalarClass = classes[scalar]
      let isReachable = starter == count - 1 || lastClass < scalarClass
      if starter >= 0, isReachable, let composite = pair(scalars[starter], scalar) {
        scalars[starter] = composite
        continue
      }
      if scalarClass == 0 { starter = count }
      lastClass = scalarClass
      scalars[count] = scalar
      count += 1
    }
    scalars.removeLast(scalars.count - count)
  }

  private func pair(_ left: UInt32, _ right: UInt32) -> UInt32? {
    if (0x1100..<0x1113).contains(left), (0x1161..<0x1176).contains(right) {
      return UnicodeFacts.hangul.lowerBound + ((left - 0x1100) * 21 + (right - 0x1161)) * 28
    }
    let hangul = UnicodeFacts.hangul
    if hangul.contains(left), (left - hangul.lowerBound) % 28 == 0,
      (0x11A8..<0x11C3).contains(right)
    {
      return left + (right - 0x11A7)
    }
    return composites[Self.key(left, right)]
  }
}
