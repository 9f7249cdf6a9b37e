/// What went wrong in a verb of Freshet, where, and what to do about it.
///
/// Errors of the rooms below (`StoreError`, `EncoderError`, `IndexError`, …) pass through unchanged;
/// this type covers what only the whole can know.
public struct FreshetError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What callers switch on.
  public enum Code: String, Sendable {
    /// An input file is missing, unreadable or malformed; the message names file and line.
    case badInput
    /// Nothing to work on: no passages, no generation, no queries.
    case empty
    /// The vectors or the encoder at hand belong to another encoder than the generation's.
    case wrongEncoder
    /// A stored file is missing or damaged and cannot be rebuilt.
    case damaged
    /// The result would be worse than the user said is acceptable.
    case refused
    /// The run was stopped by the user; what was finished is kept.
    case interrupted
  }

  public let code: Code
  public let message: String

  public init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  public var description: String { message }
}
