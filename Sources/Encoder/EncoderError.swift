/// What went wrong while an encoder was read, used or written.
///
/// `code` is for programs to switch on and holds no user text; `message` is one line for people:
/// what happened, in which file, and what to do.
public struct EncoderError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The kinds of failure.
  public enum Code: String, Sendable, CaseIterable {
    /// A folder or file that must be there is not.
    case missingFile
    /// A file is cut, or its contents contradict each other.
    case damagedFile
    /// The model is fine, but is of a kind Freshet does not know; the message names it.
    case unsupported
    /// A configuration file has no usable value for something that is needed.
    case invalidConfiguration
    /// The weights lack a tensor that the configuration asks for.
    case missingTensor
    /// A tensor has another shape than the configuration asks for.
    case wrongShape
    /// A tensor holds NaN or infinity.
    case notFinite
    /// An argument does not fit this encoder.
    case invalidArgument
    /// The place to write to is taken.
    case alreadyExists
    /// The operating system refused to read or write.
    case io
  }

  /// The kind of failure.
  public let code: Code
  /// One line: what happened, where, and what to do.
  public let message: String

  /// An error of kind `code`; line breaks in `message` become spaces.
  public init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message.split(whereSeparator: \.isNewline).joined(separator: " ")
  }

  public var description: String { message }
}
