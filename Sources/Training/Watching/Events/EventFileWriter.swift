import Foundation

/// An event file of TensorBoard: the messages as records of a TFRecord file.
struct EventFileWriter {
  private let file: AppendOnlyFile

  /// Begins a file in `folder`, behind those that are there; they are not touched, for TensorBoard
  /// may be reading them.
  ///
  /// TensorBoard reads the files of a folder in the order of their names, hence a time that is at
  /// least that of the last one, and a number.
  ///
  /// - Parameters:
  ///   - step: the last step done; events of later ones in earlier files no longer count.
  ///   - time: seconds since 1970.
  ///   - host: name of the machine; part of the file's name.
  /// - Throws: `TrainingError.io` with the path.
  init(
    _ folder: URL, resumeStep step: Int, time: Double, host: String
  ) throws(TrainingError) {
    let others = try reportingIO("cannot list \(folder.path)") {
      try FileManager.default.contentsOfDirectory(atPath: folder.path)
    }.filter { $0.hasPrefix(Self.prefix) }
    let last = others.compactMap { Int($0.dropFirst(Self.prefix.count).prefix(Self.digits)) }.max()
    let seconds = max(Int(time), last ?? 0)
    let name =
      Self.prefix + Self.padded(seconds, to: Self.digits) + "."
      + Self.padded(others.count, to: 4) + "." + Self.fileNamePart(host)
    file = try AppendOnlyFile(folder.appending(path: name))
    try append(.fileVersion, step: 0, time: time)
    try append(.sessionStart, step: step + 1, time: time)
  }

  private static let prefix = "events.out.tfevents."
  /// Digits of a time in seconds; enough until 2286.
  private static let digits = 10

  /// Adds an event.
  func append(_ event: Event, step: Int, time: Double) throws(TrainingError) {
    try file.append(Self.record(event.message(step: step, time: time).bytes))
  }

  /// A record of a TFRecord file: length, its checksum, contents, their checksum.
  static func record(_ contents: [UInt8]) -> Data {
    let length = UInt64(contents.count).littleEndianBytes
    return Data(
      length + CRC32C.masked(length).littleEndianBytes + contents
        + CRC32C.masked(contents).littleEndianBytes)
  }

  private static func padded(_ number: Int, to digits: Int) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, digits - text.count)) + text
  }

  /// `text` without what file names cannot hold or people cannot see.
  private static func fileNamePart(_ text: String) -> String {
    let part = text.prefix(64).map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" }
    return part.isEmpty ? "-" : String(part)
  }
}
