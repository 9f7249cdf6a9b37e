/// Why an index could not do what was asked.
///
/// The code is what callers switch on; the message is one line that says what happened, where, and
/// what to do. It never holds texts or queries.
public struct IndexError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The kind of failure.
  public enum Code: String, Sendable {
    /// An argument is outside what the function accepts.
    case invalidArgument
    /// There are too few vectors to train the recipe's quantizers.
    case untrained
    /// A stored index is missing, altered, or belongs to something else. Rebuilding cures it.
    case damaged
    /// The recipe is not understood, or not one that is answered exactly as promised.
    case unsupportedRecipe
    /// FAISS reported an error.
    case backend
    /// Memory could not be allocated.
    case outOfMemory
    /// A file could not be read or written.
    case io
  }

  /// The kind of failure.
  public let code: Code
  /// What happened, where, and what to do, in one line.
  public let message: String

  /// An error of the given kind.
  public init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  public var description: String { message }
}
