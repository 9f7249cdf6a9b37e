/// Why a corrector could not be fitted, judged or read.
public struct CorrectorError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What callers switch on.
  public enum Code: String, Sendable {
    /// The sample is too small to fit on one part and judge on another.
    case tooFewPairs
    /// Two matrices that must fit together do not.
    case dimensionMismatch
    /// NaN or infinity in the vectors.
    case notFinite
    /// A fitting or judging option is outside its range.
    case invalidOption
    /// Saved parameters are missing, misshapen or of an unknown kind.
    case damaged
    /// None of the kinds asked for can be fitted to these pairs.
    case nothingFitted
  }

  /// What kind of error it is.
  public let code: Code
  /// One line: what happened, with its numbers, and what to do about it.
  public let message: String

  /// An error of kind `code`.
  public init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  /// The message.
  public var description: String { message }
}
