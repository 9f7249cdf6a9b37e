/// What went wrong while mining hard negatives, or while writing or reading them.
///
/// `message` is one line: what happened, where (file and line where there is one), what to do.
public struct MiningError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What callers switch on.
  public enum Code: String, Sendable {
    /// A rule is out of its range, or queries, embeddings and index do not fit each other.
    case invalidArgument
    /// An embedding or a score is NaN or infinite.
    case notFinite
    /// A query has fewer negatives than wanted, and the rules say to fail then.
    case tooFewNegatives
    /// A line of a file is not what its format says.
    case malformedRow
    /// A file could not be read or written.
    case io
  }

  /// The kind of failure.
  public let code: Code
  /// One line for a person.
  public let message: String

  /// An error of that kind, saying `message`.
  public init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  /// The message.
  public var description: String { message }
}
