/// What went wrong while an encoder was trained.
///
/// `message` is one line: what happened, where, what to do. Errors of the encoder room and of the
/// passage source pass through unchanged.
public struct TrainingError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What callers switch on.
  public enum Code: String, Sendable, CaseIterable {
    /// A value of the configuration is out of its range; the message names it.
    case invalidConfiguration
    /// The run needs more memory than it may have; the message has the numbers and what would fit.
    case doesNotFit
    /// The pairs cannot fill a batch, or one of them has no id or text.
    case invalidData
    /// The loss or the gradient became NaN or infinite.
    case notFinite
    /// A checkpoint was made with another configuration, encoder or data; the message says which.
    case checkpointMismatch
    /// No checkpoint of the folder is whole.
    case damagedCheckpoint
    /// The folder holds checkpoints of an earlier run, and resuming was not asked for.
    case checkpointExists
    /// The operating system refused to read or write the checkpoint folder.
    case io
  }

  /// The kind of failure.
  public let code: Code
  /// One line for a person.
  public let message: String

  /// An error of that kind; line breaks in `message` become spaces.
  public init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message.split(whereSeparator: \.isNewline).joined(separator: " ")
  }

  public var description: String { message }
}
