/// How far a long verb has come. Libraries report facts; the caller makes the words.
public struct WorkProgress: Sendable, Equatable {
  /// What is being done.
  public enum Phase: String, Sendable {
    case reading, encoding, fitting, writing, indexing, searching, mining
  }
  public var phase: Phase
  /// Units done and in all: passages, queries, or steps.
  public var done: Int, total: Int
  /// Tokens encoded so far, while encoding.
  public var tokens: Int?

  public init(_ phase: Phase, done: Int, total: Int, tokens: Int? = nil) {
    self.phase = phase
    self.done = done
    self.total = total
    self.tokens = tokens
  }
}

/// Told how a verb comes along; may be called from any thread.
public typealias ProgressHandler = @Sendable (WorkProgress) -> Void

/// Asked between blocks of work whether to stop; what is finished by then is kept.
public typealias StopCheck = @Sendable () -> Bool

/// Told in one line what was mended or should be known, and is no error.
public typealias NoticeHandler = @Sendable (String) -> Void
