/// Why a tokenizer could not be read.
///
/// The message is one line: what happened, where (file, and line when the file has lines), and
/// what to do about it.
public struct TokenizerError: Error, Sendable, Equatable, CustomStringConvertible {
  public enum Code: String, Sendable {
    /// A file that must be there is not.
    case missingFile
    /// A file is there and cannot be read, or is not what its name says (JSON, UTF-8).
    case damagedFile
    /// The file describes a tokenizer with a part that is not known here.
    case unsupported
    /// A token that every text needs (`[UNK]`, `[CLS]`, `[SEP]`) is not in the vocabulary.
    case missingToken
    /// A token stands twice in the vocabulary.
    case duplicateEntry
  }

  public let code: Code
  public let message: String

  public init(_ code: Code, _ message: String) {
    (self.code, self.message) = (code, message)
  }

  public var description: String { message }
}
