public import Foundation

/// Everything the store can refuse or fail at, as a code to switch on and one line to read.
///
/// `message` says what was attempted, where, and what to do about it; it is complete on its own.
public struct StoreError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What kind of failure it is.
  public enum Code: String, Sendable, CaseIterable {
    /// The folder is not a collection (or one written by a newer Freshet).
    case notACollection
    /// A collection, or something else, is already there.
    case alreadyExists
    /// Another process is writing the collection.
    case locked
    /// No space left: nothing was changed.
    case diskFull
    /// A file of the collection is not what it must be.
    case damaged
    /// One id names two different passages in a single call, or two different correctors.
    case duplicateID
    /// No passage or corrector of that id, no passage at that row.
    case unknownID
    /// No generation of that number, or none to go back to.
    case unknownGeneration
    /// No encoder of that fingerprint.
    case unknownEncoder
    /// A value that can never be right.
    case invalidArgument
    /// The operating system or SQLite failed otherwise.
    case io
  }

  /// What kind of failure it is.
  public let code: Code
  /// One line for a person: what happened, where, and what to do.
  public let message: String

  /// Makes an error.
  public init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  /// The message alone.
  public var description: String { message }
}

extension StoreError: LocalizedError {
  /// The message, for callers who print `localizedDescription`.
  public var errorDescription: String? { message }
}
