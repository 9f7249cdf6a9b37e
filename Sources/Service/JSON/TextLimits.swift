/// The limits on texts, checked once at the door of every route.
struct TextLimits: Sendable {
  let maximumTexts: Int
  let maximumBytes: Int

  init(_ configuration: ServiceConfiguration) {
    maximumTexts = configuration.maximumBatchTexts
    maximumBytes = configuration.maximumTextBytes
  }

  /// The texts of `input`, when each is acceptable.
  ///
  /// - Parameter field: the request's name for it, for the messages.
  /// - Throws: `RequestFailure`: `empty` for no text or an empty one, `validation` otherwise.
  func texts(of input: TextInput, field: String) throws(RequestFailure) -> [String] {
    switch input {
    case .one(let text): try check([text], field: field)
    case .many(let texts): try check(texts, field: field)
    case .tokenIDs:
      throw .validation(
        field, "'\(field)' holds token ids; send text, this service does its own tokenizing")
    }
  }

  /// `texts` themselves, when there are some, not too many, none empty and none too long.
  func check(_ texts: [String], field: String) throws(RequestFailure) -> [String] {
    guard !texts.isEmpty else {
      throw RequestFailure(.empty, "'\(field)' is an empty list", parameter: field)
    }
    guard texts.count <= maximumTexts else {
      throw .validation(
        field,
        "'\(field)' holds \(texts.count) texts, at most \(maximumTexts) are accepted at once")
    }
    for (index, text) in texts.enumerated() {
      try check(text, named: texts.count == 1 ? "'\(field)'" : "'\(field)[\(index)]'", of: field)
    }
    return texts
  }

  private func check(_ text: String, named name: String, of field: String) throws(RequestFailure) {
    guard !text.isEmpty else {
      throw RequestFailure(.empty, "\(name) is empty", parameter: field)
    }
    guard text.utf8.count <= maximumBytes else {
      throw .validation(
        field, "\(name) is \(text.utf8.count) bytes long, at most \(maximumBytes) are accepted")
    }
  }
}
