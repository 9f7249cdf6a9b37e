internal import NIOCore

extension RequestFailure {
  /// What the client is told about `error`. Details of defects are not for clients.
  init(answering error: any Error) {
    switch error {
    case let failure as RequestFailure: self = failure
    case let failure as BackendError: self.init(answering: failure)
    case is NIOTooManyBytesError:
      self.init(.bodyTooLarge, "the request body is longer than this service accepts")
    case is CancellationError:
      self.init(.unavailable, "the service is shutting down")
    default: self = .defect
    }
  }

  private init(answering error: BackendError) {
    switch error.kind {
    case .badRequest: self.init(.validation, error.message)
    case .unavailable: self.init(.unavailable, error.message)
    case .internalError: self = .defect
    }
  }

  private static let defect = RequestFailure(
    .internalError, "internal error; the log has the details under this x-request-id")
}

extension RequestFailure {
  /// A decoding error in the words of the request: which field, what was expected; or, when
  /// `body` is not JSON at all, where it stops being so.
  init(decoding error: any Error, of body: [UInt8]) {
    switch error {
    case DecodingError.keyNotFound(let key, let context):
      let name = Self.name(of: context.codingPath + [key])
      self = .validation(name, "'\(name)' is missing")
    case DecodingError.typeMismatch(let type, let context),
      DecodingError.valueNotFound(let type, let context):
      self = Self.wrongType(type, at: context)
    default:
      self.init(.malformed, "the body is not valid JSON\(Self.place(in: body))")
    }
  }

  private static func wrongType(_ type: Any.Type, at context: DecodingError.Context) -> Self {
    guard !context.codingPath.isEmpty else {
      return RequestFailure(.validation, "the body must be a JSON object")
    }
    let name = name(of: context.codingPath)
    return .validation(name, "'\(name)' must be \(words(for: type))")
  }

  private static func place(in body: [UInt8]) -> String {
    guard String(validating: body, as: UTF8.self) != nil else { return ": it is not UTF-8" }
    return JSONSyntax.firstError(in: body).map { ", \($0)" } ?? ""
  }

  private static func name(of path: [any CodingKey]) -> String {
    path.reduce(into: "") { name, key in
      if let index = key.intValue {
        name += "[\(index)]"
      } else {
        name += (name.isEmpty ? "" : ".") + key.stringValue
      }
    }
  }

  private static func words(for type: Any.Type) -> String {
    switch type {
    case is String.Type: "a string"
    case is WholeNumber.Type: "an integer"
    case is Bool.Type: "true or false"
    case is [String].Type: "a list of strings"
    case is TextInput.Type: "a string or a list of strings"
    default: "another type of value"
    }
  }
}
