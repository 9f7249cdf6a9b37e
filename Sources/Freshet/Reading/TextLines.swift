/// The lines of a text file, plain or gzip-compressed, or of standard input ("-").
///
/// Bytes are read in blocks and never all at once, so a file of any size can be streamed.
struct TextLines {
  /// The file as the user named it.
  let name: String
  /// Number of the line last returned, from 1.
  private(set) var number = 0
  private let stream: GzipStream
  private var block: [UInt8] = []
  private var position = 0

  /// - Throws: `FreshetError.badInput` when the file cannot be opened.
  init(path: String) throws(FreshetError) {
    name = path == "-" ? "standard input" : path
    stream = try GzipStream(path: path, name: name)
  }

  /// The next line without its end ("\n" or "\r\n"), or nil at the end of the file.
  ///
  /// - Throws: `FreshetError.badInput` for damaged compression or text that is not UTF-8.
  mutating func next() throws(FreshetError) -> String? {
    var line: [UInt8] = []
    var ended = false
    while !ended {
      if position == block.count {
        block = try stream.read()
        position = 0
        if block.isEmpty { break }
      }
      let end = block[position...].firstIndex(of: UInt8(ascii: "\n"))
      line += block[position..<(end ?? block.count)]
      position = end.map { $0 + 1 } ?? block.count
      ended = end != nil
    }
    guard ended || !line.isEmpty else { return nil }
    number += 1
    if line.last == UInt8(ascii: "\r") { line.removeLast() }
    if number == 1, line.starts(with: [0xEF, 0xBB, 0xBF]) { line.removeFirst(3) }
    guard let text = String(validating: line, as: UTF8.self) else {
      throw problem("the line is not UTF-8 text")
    }
    return text
  }

  /// An error about the line last returned.
  func problem(_ what: String) -> FreshetError {
    FreshetError(.badInput, "\(name):\(number): \(what)")
  }
}
