public import Tensors

/// How far an encoding run has come.
public struct EncodingProgress: Sendable, Equatable {
  public let texts: Int, totalTexts: Int
  /// Tokens encoded so far; there is no padding.
  public let tokens: Int
}

/// Embeddings of a list of texts, and what they cost.
public struct EncodedTexts: Sendable {
  /// `(texts, dimension)`, in the order of the texts.
  public var embeddings: Matrix
  /// Tokens read, special ones included.
  public var tokens: Int
  /// Texts longer than the model's limit, whose end was cut off.
  public var truncatedTexts: Int
}

extension TextEncoder {
  /// The embeddings of texts.
  ///
  /// - Parameters:
  ///   - role: whether they are queries or passages; decides the prompt, and the network where
  ///     there are two.
  ///   - maximumLength: tokens per text at most; nil means the folder's own limit.
  ///   - progress: told after each batch, from any thread.
  /// - Complexity: proportional to the tokens; all threads.
  public func encode(
    _ texts: [String], as role: TextRole, maximumLength: Int? = nil,
    progress: (@Sendable (EncodingProgress) -> Void)? = nil
  ) -> EncodedTexts {
    let tokenized = texts.concurrentMap {
      self.tokenize($0, as: role, maximumLength: maximumLength)
    }
    let embeddings = encode(tokens: tokenized.map(\.ids), as: role, progress: progress)
    return EncodedTexts(
      embeddings: embeddings, tokens: tokenized.reduce(0) { $0 + $1.ids.count },
      truncatedTexts: tokenized.count { $0.truncatedTokens > 0 })
  }

  /// The embeddings of token sequences, `(sequences, dimension)`, in their order.
  ///
  /// - Parameters:
  ///   - sequences: ids as ``tokenize(_:as:maximumLength:)`` gives them for the role, the prompt's
  ///     among them. Traps when one is empty.
  ///   - role: decides the network where there are two, and how many ids are the prompt's.
  public func encode(
    tokens sequences: [[Int32]], as role: TextRole,
    progress: (@Sendable (EncodingProgress) -> Void)? = nil
  ) -> Matrix {
    let tower = tower(for: role)
    let tally = ProgressTally(total: sequences.count, report: progress)
    return tower.packed.encode(sequences, promptLength: tower.promptLength(for: role)) {
      tally.add(texts: $0, tokens: $1)
    }
  }
}
