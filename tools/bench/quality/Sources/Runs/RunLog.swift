import Foundation
import Synchronization

/// The finished runs of a folder: a file with a JSON object on each line, which more are added to.
final class RunLog: Sendable {
  private let file: URL
  private let records: Mutex<[ExperimentRun: RunRecord]>

  /// Reads what is there. A last line that was cut short is left out, and written over.
  ///
  /// - Throws: `ExperimentError` naming a line that is no record, or records of other features.
  init(_ file: URL, features: String) throws {
    self.file = file
    var found: [ExperimentRun: RunRecord] = [:]
    let bytes = FileManager.default.contents(atPath: file.path) ?? Data()
    let whole = bytes.lastIndex(of: UInt8(ascii: "\n")).map { bytes[...$0] } ?? Data()
    let decoder = JSONDecoder()
    for (index, line) in whole.split(separator: UInt8(ascii: "\n")).enumerated() {
      guard let record = try? decoder.decode(RunRecord.self, from: line),
        record.features == features
      else {
        throw ExperimentError(
          "\(file.path):\(index + 1): not a run on these features; use another --out")
      }
      found[record.run] = record
    }
    records = Mutex(found)
    if whole.count < bytes.count { try whole.write(to: file, options: .atomic) }
  }

  /// The record of a run, if it is finished.
  subscript(run: ExperimentRun) -> RunRecord? { records.withLock { $0[run] } }

  /// Keeps a record, on disk too.
  func append(_ record: RunRecord) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    let line = try encoder.encode(record) + Data("\n".utf8)
    try records.withLock { records in
      if !FileManager.default.fileExists(atPath: file.path) { try Data().write(to: file) }
      let handle = try FileHandle(forWritingTo: file)
      defer { try? handle.close() }
      try handle.seekToEnd()
      try handle.write(contentsOf: line)
      records[record.run] = record
    }
  }
}
