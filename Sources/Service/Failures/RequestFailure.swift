/// A request that is answered with an error. The kind decides status and `error_type`.
struct RequestFailure: Error, Sendable, Equatable {
  enum Kind: Sendable, Equatable {
    case malformed  // 400: the bytes are not what the route reads
    case empty  // 400: nothing to work on
    case unauthorized  // 401
    case notFound  // 404
    case methodNotAllowed(allowed: [String])  // 405
    case bodyTooLarge  // 413
    case validation  // 422: readable, but a value is not acceptable
    case overloaded  // 429
    case internalError  // 500
    case unavailable  // 503
  }

  let kind: Kind
  /// What the client is told.
  let message: String
  /// The request's field at fault, where one is.
  let parameter: String?

  init(_ kind: Kind, _ message: String, parameter: String? = nil) {
    self.kind = kind
    self.message = message
    self.parameter = parameter
  }

  static func validation(_ parameter: String, _ message: String) -> RequestFailure {
    RequestFailure(.validation, message, parameter: parameter)
  }

  var status: Int {
    switch kind {
    case .malformed, .empty: 400
    case .unauthorized: 401
    case .notFound: 404
    case .methodNotAllowed: 405
    case .bodyTooLarge: 413
    case .validation: 422
    case .overloaded: 429
    case .internalError: 500
    case .unavailable: 503
    }
  }

  /// The `error_type` of store routes.
  var typeName: String {
    switch kind {
    case .malformed, .empty, .bodyTooLarge, .validation: "Validation"
    case .unauthorized: "Unauthorized"
    case .notFound, .methodNotAllowed: "NotFound"
    case .overloaded: "Overloaded"
    case .internalError: "Internal"
    case .unavailable: "Unavailable"
    }
  }
}
