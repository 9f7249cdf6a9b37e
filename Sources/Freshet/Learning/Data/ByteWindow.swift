/// The part of a file that is being read, from front to back.
struct ByteWindow {
  let file: DataFile
  private(set) var bytes: [UInt8] = []
  /// Where the next byte to read is in `bytes`.
  var position = 0
  private var start = 0

  private static let blockSize = 1 << 20

  init(_ file: DataFile) { self.file = file }

  /// The place of the next byte in the file.
  var offset: Int { start + position }

  /// The next byte, nil when the window holds no more.
  var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

  /// Lets go of the bytes before `position` and reads on; false at the end of the file.
  mutating func fill() throws(FreshetError) -> Bool {
    let more = try file.bytes(at: start + bytes.count, upTo: Self.blockSize)
    start += position
    bytes.removeFirst(position)
    position = 0
    bytes += more
    return !more.isEmpty
  }
}
