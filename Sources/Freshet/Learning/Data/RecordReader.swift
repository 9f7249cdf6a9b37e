/// One row of a file of training data.
struct DataRecord {
  /// The row's JSON text, in UTF-8.
  let bytes: [UInt8]
  /// Where it starts in the file.
  let offset: Int
  /// How errors name it: `file:line`, or `file: record 3 (line 12)`.
  let name: String

  func problem(_ problem: RowProblem) -> FreshetError {
    FreshetError(.badInput, "\(name): \(problem.words)")
  }

  func node() throws(FreshetError) -> JSONNode {
    do {
      return try JSONParser.parse(bytes)
    } catch {
      throw self.problem(error)
    }
  }
}

/// Reads the rows of a file one by one: the lines of JSON Lines, or the elements of one JSON list.
///
/// Holds one row and a block of the file. Blank lines, a byte order mark and carriage returns
/// before line ends are passed over.
struct RecordReader {
  private var window: ByteWindow
  private let isList: Bool
  private var line = 1
  private var number = 0
  private var ended = false

  /// A longer row is taken for a quote that was forgotten.
  private static let longestRecord = 1 << 28

  /// - Throws: `FreshetError.badInput` when the file cannot be read.
  init(_ file: DataFile) throws(FreshetError) {
    var window = ByteWindow(file)
    _ = try window.fill()
    if window.bytes.starts(with: [0xEF, 0xBB, 0xBF]) { window.position = 3 }
    // "[" before a string is a row that is a list; before anything else a list of rows.
    let start = window.bytes[window.position...].lazy.filter { !$0.isJSONSpace }.prefix(2)
    isList = start.first == UInt8(ascii: "[") && Array(start) != Array("[\"".utf8)
    self.window = window
    if isList {
      try skipSpace()
      self.window.position += 1
    }
  }

  /// The next row, or nil after the last.
  ///
  /// - Throws: `FreshetError.badInput` naming the place: a list that is cut short, or followed by
  ///   something; a row of more than 256 MiB.
  mutating func next() throws(FreshetError) -> DataRecord? {
    isList ? try nextElement() : try nextLine()
  }

  private mutating func nextLine() throws(FreshetError) -> DataRecord? {
    while !ended {
      let length = try lengthOfLine()
      let offset = window.offset
      var bytes = Array(window.bytes[window.position..<window.position + length])
      ended = window.position + length == window.bytes.count
      window.position += ended ? length : length + 1
      number = line
      line += 1
      if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
      guard bytes.contains(where: { !$0.isJSONSpace }) else { continue }
      return DataRecord(bytes: bytes, offset: offset, name: "\(window.file.name):\(number)")
    }
    return nil
  }

  /// Bytes before the next line feed or the end of the file.
  private mutating func lengthOfLine() throws(FreshetError) -> Int {
    var length = 0
    while true {
      let rest = window.bytes[(window.position + length)...]
      if let end = rest.firstIndex(of: UInt8(ascii: "\n")) { return end - window.position }
      length = window.bytes.count - window.position
      try checkLength(length)
      guard try window.fill() else { return length }
    }
  }

  private mutating func nextElement() throws(FreshetError) -> DataRecord? {
    guard !ended else { return nil }
    try skipSpace()
    number += 1
    if window.peek == UInt8(ascii: "]"), number == 1 {
      try end()
      return nil
    }
    let (offset, name) = (window.offset, place)
    let length = try lengthOfElement()
    let bytes = Array(window.bytes[window.position..<window.position + length])
    window.position += length
    if window.peek == UInt8(ascii: "]") {
      try end()
    } else {
      window.position += 1
    }
    return DataRecord(bytes: bytes, offset: offset, name: name)
  }

  /// Bytes before the comma or bracket that ends this element; counts the lines they are on.
  private mutating func lengthOfElement() throws(FreshetError) -> Int {
    let first = place
    var scan = ElementScan()
    var length = 0
    while true {
      while window.position + length < window.bytes.count {
        let byte = window.bytes[window.position + length]
        if scan.ends(at: byte) { return length }
        if byte == UInt8(ascii: "\n") { line += 1 }
        length += 1
      }
      try checkLength(length)
      guard try window.fill() else {
        throw FreshetError(
          .badInput, "\(first): the file ends inside the list of records; is it cut short?")
      }
    }
  }

  /// After the list's bracket there is only white space.
  private mutating func end() throws(FreshetError) {
    ended = true
    window.position += 1
    try skipSpace()
    guard window.peek == nil else {
      throw FreshetError(
        .badInput, "\(window.file.name):\(line): something follows the list of records")
    }
  }

  private mutating func skipSpace() throws(FreshetError) {
    repeat {
      while let byte = window.peek, byte.isJSONSpace {
        if byte == UInt8(ascii: "\n") { line += 1 }
        window.position += 1
      }
      if window.peek != nil { return }
    } while try window.fill()
  }

  private func checkLength(_ length: Int) throws(FreshetError) {
    guard length <= Self.longestRecord else {
      throw FreshetError(
        .badInput, "\(isList ? place : "\(window.file.name):\(line)"): a row of more than "
          + "\(Self.longestRecord >> 20) MiB; is a quote or a line end missing?")
    }
  }

  private var place: String { "\(window.file.name): record \(number) (line \(line))" }
}

/// Finds where an element of a list ends, byte by byte.
private struct ElementScan {
  private var depth = 0
  private var isInString = false
  private var isEscaped = false

  mutating func ends(at byte: UInt8) -> Bool {
    if isInString {
      if isEscaped {
        isEscaped = false
      } else if byte == UInt8(ascii: "\\") {
        isEscaped = true
      } else if byte == UInt8(ascii: "\"") {
        isInString = false
      }
      return false
    }
    switch byte {
    case UInt8(ascii: "\""): isInString = true
    case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
    case UInt8(ascii: "}"): depth -= 1
    case UInt8(ascii: "]"):
      if depth <= 0 { return true }
      depth -= 1
    case UInt8(ascii: ","): return depth <= 0
    default: break
    }
    return false
  }
}
