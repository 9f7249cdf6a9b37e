internal import HTTPTypes

extension HTTPField.Name {
  static let requestID = Self.known("x-request-id")

  /// A header name written in our own source.
  static func known(_ name: String) -> Self {
    guard let known = Self(name) else {
      preconditionFailure("'\(name)' cannot be the name of a header")
    }
    return known
  }
}
