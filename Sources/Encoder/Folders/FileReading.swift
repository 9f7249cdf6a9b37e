import Foundation

/// The bytes of a file.
///
/// - Throws: `EncoderError` `.missingFile` or `.io` naming the file.
func readFile(_ url: URL, options: Data.ReadingOptions = []) throws -> Data {
  var isFolder: ObjCBool = false
  guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) else {
    throw EncoderError(.missingFile, "\(url.path) does not exist")
  }
  guard !isFolder.boolValue else {
    throw EncoderError(.io, "cannot read \(url.path): it is a folder")
  }
  do {
    return try Data(contentsOf: url, options: options)
  } catch {
    throw EncoderError(.io, "cannot read \(url.path): \(systemReason(error))")
  }
}

/// Decodes a JSON text that stands in `file`.
///
/// - Throws: `EncoderError` `.damagedFile` naming file, line and what is wrong.
func decodeJSON<Value: Decodable>(
  _ type: Value.Type, from text: Data, file: String
) throws -> Value {
  do {
    return try JSONDecoder().decode(type, from: text)
  } catch {
    if let fault = syntaxFault(in: text) {
      throw EncoderError(
        .damagedFile, "\(file) is not valid JSON: \(fault); copy the file again")
    }
    throw EncoderError(
      .damagedFile, "\(file) is not as expected: \(contentFault(error)); copy the file again")
  }
}

/// What the operating system said, from an error of Foundation.
func systemReason(_ error: any Error) -> String {
  let outer = error as NSError
  let inner = outer.userInfo[NSUnderlyingErrorKey] as? NSError ?? outer
  let text = inner.localizedDescription
  let preamble = "The operation could not be completed. "
  return text.hasPrefix(preamble) ? String(text.dropFirst(preamble.count)) : text
}

/// Where a JSON text breaks the grammar: "line 3: Invalid value"; nil when it does not.
private func syntaxFault(in text: Data) -> String? {
  // JSONDecoder does not say where; JSONSerialization names a character.
  var description = "unreadable"
  do {
    _ = try JSONSerialization.jsonObject(with: text, options: .fragmentsAllowed)
    return nil
  } catch {
    description = (error as NSError).userInfo[NSDebugDescriptionErrorKey] as? String ?? description
  }
  let parts = description.split(separator: " around character ")
  let digits = parts.count == 2 ? parts[1].prefix { $0.isNumber } : ""
  let position = Int(digits) ?? text.count
  let line = 1 + text.prefix(position).count { $0 == UInt8(ascii: "\n") }
  return "line \(line): \(withoutFullStop(String(parts.first ?? "")))"
}

/// What a well-formed JSON text lacks: "\"embeddings\": no \"dtype\"".
private func contentFault(_ error: any Error) -> String {
  switch error {
  case DecodingError.keyNotFound(let key, let context):
    place(context) + "no \"\(key.stringValue)\""
  case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context),
    DecodingError.dataCorrupted(let context):
    place(context) + withoutFullStop(context.debugDescription)
  default: "\(error)"
  }
}

private func place(_ context: DecodingError.Context) -> String {
  context.codingPath.isEmpty
    ? "" : context.codingPath.map { "\"\($0.stringValue)\"" }.joined(separator: ", ") + ": "
}

private func withoutFullStop(_ text: String) -> String {
  text.hasSuffix(".") ? String(text.dropLast()) : text
}
