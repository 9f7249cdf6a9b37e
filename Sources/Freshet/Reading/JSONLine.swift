internal import Foundation

/// One JSON object of a JSON Lines file, with errors that name file and line.
struct JSONLine {
  private let fields: [String: Any]
  private let lines: TextLines

  /// - Throws: `FreshetError.badInput` when the line is not a JSON object.
  init(_ text: String, of lines: TextLines) throws(FreshetError) {
    self.lines = lines
    do {
      let value = try JSONSerialization.jsonObject(with: Data(text.utf8))
      guard let object = value as? [String: Any] else {
        throw lines.problem("a JSON object was expected")
      }
      fields = object
    } catch let error as FreshetError {
      throw error
    } catch {
      throw lines.problem("not valid JSON (\(JSONLine.reason(error)))")
    }
  }

  /// The string in the first of these fields that is present (numbers are taken as their text).
  func string(_ names: String...) throws(FreshetError) -> String {
    guard let text = optionalString(names) else {
      throw lines.problem("no \"\(names[0])\" of text in the object")
    }
    return text
  }

  /// The same, nil when none is present.
  func optionalString(_ names: [String]) -> String? {
    for name in names {
      if let text = fields[name] as? String { return text }
      if let number = fields[name] as? NSNumber { return number.stringValue }
    }
    return nil
  }

  /// The JSON text of an object field, nil when it is absent, null or empty.
  func object(_ name: String) -> String? {
    guard let value = fields[name] as? [String: Any], !value.isEmpty,
      let data = try? JSONSerialization.data(withJSONObject: value, options: [.sortedKeys])
    else { return nil }
    return String(decoding: data, as: UTF8.self)
  }

  private static func reason(_ error: any Error) -> String {
    let details = (error as NSError).userInfo["NSDebugDescription"] as? String
    return details ?? "it cannot be parsed"
  }
}
