internal import CZlib
internal import Foundation

/// zlib's reader, which passes uncompressed files through unchanged.
final class GzipStream {
  private let handle: gzFile
  private let name: String

  init(path: String, name: String) throws(FreshetError) {
    var isFolder: ObjCBool = false
    if path != "-", FileManager.default.fileExists(atPath: path, isDirectory: &isFolder),
      isFolder.boolValue
    {
      throw FreshetError(.badInput, "\(path): is a folder, a file was expected")
    }
    guard let handle = path == "-" ? gzdopen(dup(0), "rb") : gzopen(path, "rb") else {
      throw FreshetError(.badInput, "\(path): \(String(cString: strerror(errno)))")
    }
    gzbuffer(handle, 1 << 18)
    self.handle = handle
    self.name = name
  }

  deinit { gzclose(handle) }

  /// The next bytes; empty at the end.
  func read() throws(FreshetError) -> [UInt8] {
    var failed = false
    let bytes = [UInt8](unsafeUninitializedCapacity: 1 << 18) { buffer, count in
      let got = gzread(handle, buffer.baseAddress, UInt32(buffer.count))
      failed = got < 0
      count = Int(max(got, 0))
    }
    var status: Int32 = 0
    let text = gzerror(handle, &status).map { String(cString: $0) } ?? ""
    guard !failed, status == Z_OK || status == Z_STREAM_END else {
      throw FreshetError(
        .badInput, "\(name): the compressed data is damaged or cut short (\(text))")
    }
    return bytes
  }
}
