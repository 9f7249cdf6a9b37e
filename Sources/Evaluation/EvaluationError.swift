/// What went wrong while reading judgements or runs, or while scoring them.
///
/// `message` is one line: what happened, where (file and line where there is one), what to do.
public struct EvaluationError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What callers switch on.
  public enum Code: String, Sendable {
    /// A file could not be read or written.
    case io
    /// A line of a file is not what its format says.
    case malformedRow
    /// A query judges, or a run answers, one passage twice.
    case duplicateRow
    /// A judgement names a passage or query that does not exist.
    case unknownID
    /// A score is NaN or infinite.
    case notFinite
    /// There is nothing to average over, or a parameter is out of its range.
    case invalidArgument
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
