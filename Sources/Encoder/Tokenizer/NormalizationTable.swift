/// What a set of options makes of each Unicode scalar.
struct NormalizationTable: Sendable {
  enum Kind: UInt32 {
    /// Stays as it is.
    case copied
    /// Becomes `payload`.
    case replaced
    /// Stands between two spaces, as `payload` or, when that is 0, as itself.
    case ideograph
    /// Becomes the scalars `sequences[payload]`.
    case sequence
    /// Becomes two or three jamo.
    case hangul
    /// Becomes `payload`, sorted among its neighbouring marks.
    case mark
    /// Vanishes; marks on both sides of it are sorted together.
    case dropped
    /// Vanishes; marks are not sorted across it.
    case boundary
  }

  /// A kind and a scalar or an index, in 32 bits.
  struct Entry: Sendable, Equatable {
    private let bits: UInt32
    init(_ kind: Kind, _ payload: UInt32 = 0) { bits = kind.rawValue << 24 | payload }
    @inline(__always) var payload: UInt32 { bits & 0xFF_FFFF }
    @inline(__always) var kind: Kind { Kind(rawValue: bits >> 24) ?? .copied }
  }

  /// Stands in `ascii` for a byte that vanishes.
  static let droppedASCII: UInt8 = 0xFF

  /// What becomes of each ASCII byte: one byte, or `droppedASCII`.
  private(set) var ascii: [UInt8] = []
  private(set) var sequences: [[UInt32]] = []
  /// Classes of the marks that are sorted; empty when accents stay, as nothing is sorted then.
  private(set) var combiningClasses: [UInt32: UInt8] = [:]
  private var entries = ScalarTable(repeating: Entry(.copied))

  /// Later steps overwrite earlier ones, so they stand here in reverse: what cleaning takes away
  /// never reaches the steps after it.
  init(_ options: WordPieceOptions) {
    if options.lowercases { setLowercase() }
    if options.separatesIdeographs { setIdeographs() }
    if options.stripsAccents ?? options.lowercases { setUnaccented(options) }
    if options.cleansText { setCleaned() }
    ascii = (UInt32(0)..<128).map { scalar in
      let entry = entry(of: scalar)
      switch entry.kind {
      case .copied: return UInt8(scalar)
      case .replaced: return UInt8(entry.payload)
      default: return Self.droppedASCII
      }
    }
  }

  @inline(__always)
  func entry(of scalar: UInt32) -> Entry { entries[scalar] }

  private mutating func setLowercase() {
    for (scalar, target) in UnicodeFacts.runs(UnicodeFacts.lowercaseRuns) {
      entries[scalar] = Entry(.replaced, target)
    }
    for (scalar, targets) in UnicodeFacts.mappings(UnicodeFacts.lowercaseSequences) {
      entries[scalar] = sequence(targets)
    }
  }

  private mutating func setIdeographs() {
    for range in UnicodeFacts.ideographs {
      entries.set(range, to: Entry(.ideograph))
    }
  }

  private mutating func setUnaccented(_ options: WordPieceOptions) {
    let lowercase = entries
    func lowered(_ scalar: UInt32) -> UInt32 {
      let entry = lowercase[scalar]
      return entry.kind == .replaced ? entry.payload : scalar
    }
    for (scalar, targets) in UnicodeFacts.mappings(UnicodeFacts.unaccented) {
      let targets = targets.map(lowered)
      let isIdeograph = entries[scalar].kind == .ideograph
      entries[scalar] =
        targets.count > 1
        ? sequence(targets) : Entry(isIdeograph ? .ideograph : .replaced, targets[0])
    }
    for range in UnicodeFacts.ranges(UnicodeFacts.stripped) {
      entries.set(range, to: Entry(.dropped))
    }
    for range in UnicodeFacts.ranges(UnicodeFacts.strippedStarters) {
      entries.set(range, to: Entry(.boundary))
    }
    for (scalar, targets) in UnicodeFacts.mappings(UnicodeFacts.combiningClasses) {
      combiningClasses[scalar] = UInt8(targets[0])
      entries[scalar] = Entry(.mark, lowered(scalar))
    }
    entries.set(UnicodeFacts.hangul, to: Entry(.hangul))
  }

  private mutating func setCleaned() {
    let space = Entry(.replaced, 0x20)
    for range in UnicodeFacts.ranges(UnicodeFacts.whitespace) {
      entries.set(range, to: space)
    }
    for range in UnicodeFacts.ranges(UnicodeFacts.removed) {
      entries.set(range, to: Entry(.dropped))
    }
  }

  private mutating func sequence(_ scalars: [UInt32]) -> Entry {
    sequences.append(scalars)
    return Entry(.sequence, UInt32(sequences.count - 1))
  }
}
