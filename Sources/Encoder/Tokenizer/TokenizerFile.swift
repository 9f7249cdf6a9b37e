import Foundation

/// The bytes of one of a tokenizer's files, and the words for what is wrong in it.
struct TokenizerFile {
  let path: String
  let bytes: [UInt8]

  /// Reads a file of UTF-8 text; `nil` when it is not there.
  init?(_ url: URL) throws {
    path = url.path
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    do {
      bytes = Array(try Data(contentsOf: url))
    } catch {
      let reason = error.localizedDescription
      throw TokenizerError(
        .damagedFile, "\(path): cannot be read (\(reason)); check its permissions")
    }
    if let offset = Self.firstInvalid(in: bytes) {
      throw self.error(
        .damagedFile, at: offset, "not UTF-8 text; fetch the file again or save it as UTF-8")
    }
  }

  /// Reads the file as JSON.
  func json() throws -> ExactJSON {
    do {
      return try ExactJSON(parsing: bytes)
    } catch {
      throw self.error(
        .damagedFile, at: error.offset, "not JSON: \(error.reason); fetch the file again")
    }
  }

  /// An error at a byte, told by line and column (both from 1; columns count bytes).
  func error(_ code: TokenizerError.Code, at offset: Int, _ text: String) -> TokenizerError {
    let before = bytes.prefix(offset)
    let line = before.reduce(1) { $0 + ($1 == 0x0A ? 1 : 0) }
    let column = offset - (before.lastIndex(of: 0x0A) ?? -1)
    return TokenizerError(code, "\(path):\(line):\(column): \(text)")
  }

  /// An error of the file as a whole.
  func error(_ code: TokenizerError.Code, _ text: String) -> TokenizerError {
    TokenizerError(code, "\(path): \(text)")
  }

  /// Where the bytes stop being UTF-8.
  private static func firstInvalid(in bytes: [UInt8]) -> Int? {
    do {
      _ = try UTF8Span(validating: bytes.span)
      return nil
    } catch {
      return error.byteOffsets.lowerBound
    }
  }
}
