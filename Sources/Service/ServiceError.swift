/// Why the service could not start.
public struct ServiceError: Error, Sendable, Equatable, CustomStringConvertible {
  public enum Code: String, Sendable {
    /// A value of `ServiceConfiguration` is out of range.
    case invalidConfiguration
    /// The address could not be bound: in use, not allowed, or not ours.
    case cannotListen
  }

  public let code: Code
  /// One line: what happened and what to do about it.
  public let message: String

  init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  public var description: String { "\(code.rawValue): \(message)" }
}
