/// `BertNormalizer` of Hugging Face `tokenizers`: cleaning, spaces around ideographs, accents,
/// lower case, in this order and in one pass.
///
/// What the options make of a scalar is worked out once, into a table with an entry per scalar;
/// ASCII has a table of bytes. See `NormalizationTable`.
struct TextNormalizer: Sendable {
  private let table: NormalizationTable

  init(_ options: WordPieceOptions) { table = NormalizationTable(options) }

  /// Appends the normalised form of `bytes[range]`, valid UTF-8, to `output`.
  ///
  /// - Complexity: O(length); a run of n marks out of order costs O(n log n).
  func normalize(_ bytes: [UInt8], _ range: Range<Int>, into output: inout [UInt8]) {
    output.reserveCapacity(output.count + range.count)
    var marks = MarkRun()
    var position = range.lowerBound
    while position < range.upperBound {
      let byte = bytes[position]
      if byte < 0x80 {
        let mapped = table.ascii[Int(byte)]
        if mapped != NormalizationTable.droppedASCII {
          marks.flush(into: &output)
          output.append(mapped)
        }
        position += 1
      } else {
        let scalar = bytes.scalar(at: position)
        append(scalar.value, &marks, &output)
        position += scalar.length
      }
    }
    marks.flush(into: &output)
  }

  private func append(_ scalar: UInt32, _ marks: inout MarkRun, _ output: inout [UInt8]) {
    let entry = table.entry(of: scalar)
    if entry.kind == .mark {
      return marks.append(entry.payload, class: table.combiningClasses[scalar] ?? 0)
    }
    if entry.kind == .dropped { return }
    marks.flush(into: &output)
    switch entry.kind {
    case .copied: output.append(scalar: scalar)
    case .replaced: output.append(scalar: entry.payload)
    case .ideograph:
      output.append(UInt8(ascii: " "))
      output.append(scalar: entry.payload == 0 ? scalar : entry.payload)
      output.append(UInt8(ascii: " "))
    case .sequence: append(table.sequences[Int(entry.payload)], &marks, &output)
    case .hangul: Self.appendJamo(of: scalar, to: &output)
    case .boundary, .dropped, .mark: break
    }
  }

  /// Appends what a scalar decomposes into, marks that are sorted included.
  private func append(_ sequence: [UInt32], _ marks: inout MarkRun, _ output: inout [UInt8]) {
    for scalar in sequence {
      if let combiningClass = table.combiningClasses[scalar] {
        marks.append(scalar, class: combiningClass)
      } else {
        marks.flush(into: &output)
        output.append(scalar: scalar)
      }
    }
  }

  /// Unicode Standard, section 3.12, "Hangul Syllable Decomposition".
  private static func appendJamo(of syllable: UInt32, to output: inout [UInt8]) {
    let index = syllable - UnicodeFacts.hangul.lowerBound
    output.append(scalar: 0x1100 + index / 588)
    output.append(scalar: 0x1161 + index % 588 / 28)
    if index % 28 > 0 { output.append(scalar: 0x11A7 + index % 28) }
  }
}

/// Combining marks that wait to be put in canonical order: a stable sort by combining class
/// (Unicode Standard, section 3.11).
private struct MarkRun {
  /// Class, place among the waiting ones, scalar: sorted as numbers they are in order.
  private var marks: [UInt64] = []
  private var isSorted = true

  mutating func append(_ scalar: UInt32, class combiningClass: UInt8) {
    if let last = marks.last, last >> 56 > UInt64(combiningClass) { isSorted = false }
    marks.append(UInt64(combiningClass) << 56 | UInt64(marks.count) << 24 | UInt64(scalar))
  }

  /// Writes the waiting marks, when something comes that marks are not sorted across.
  @inline(__always)
  mutating func flush(into output: inout [UInt8]) {
    if !marks.isEmpty { write(into: &output) }
  }

  private mutating func write(into output: inout [UInt8]) {
    if !isSorted { marks.sort() }
    for mark in marks { output.append(scalar: UInt32(truncatingIfNeeded: mark & 0xFF_FFFF)) }
    marks.removeAll(keepingCapacity: true)
    isSorted = true
  }
}
