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
  /// Tokens one thread takes at a time: enough to fill the matrix kernels, small enough for cache.
  static let tokensPerBatch = 512

  /// The embeddings of texts.
  ///
  /// - Parameters:
  ///   - role: whether they are queries or passages; decides the prompt.
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
    let embeddings = encode(
      tokens: tokenized.map(\.ids), promptLength: promptLength(for: role), progress: progress)
    return EncodedTexts(
      embeddings: embeddings, tokens: tokenized.reduce(0) { $0 + $1.ids.count },
      truncatedTexts: tokenized.count { $0.truncatedTokens > 0 })
  }

  /// The embeddings of token sequences, `(sequences, dimension)`, in their order.
  ///
  /// - Parameter promptLength: see ``promptLength(for:)``.
  public func encode(
    tokens sequences: [[Int32]], promptLength: Int = 0,
    progress: (@Sendable (EncodingProgress) -> Void)? = nil
  ) -> Matrix {
    let batches = TextEncoder.batches(
      of: sequences.map(\.count), budget: TextEncoder.tokensPerBatch)
    let tally = ProgressTally(total: sequences.count, report: progress)
    let packed = packed
    let parts = batches.concurrentMap { batch in
      let tokens = PackedTokens(
        batch.map { sequences[$0] },
        promptLengths: [Int](repeating: promptLength, count: batch.count))
      let embeddings = packed.forward(tokens)
      tally.add(texts: batch.count, tokens: tokens.count)
      return embeddings
    }
    var result = Matrix(rows: sequences.count, columns: dimension)
    for (batch, part) in zip(batches, parts) {
      for (i, text) in batch.enumerated() {
        result.setRows(startingAt: text, to: part[rows: i..<i + 1])
      }
    }
    return result
  }

  /// Groups texts of similar length, longest first, up to `budget` tokens in each group.
  static func batches(of lengths: [Int], budget: Int) -> [[Int]] {
    let order = lengths.indices.sorted { (lengths[$1], $0) < (lengths[$0], $1) }
    var batches: [[Int]] = []
    var room = 0
    for text in order {
      if batches.isEmpty || lengths[text] > room {
        batches.append([])
        room = budget
      }
      batches[batches.count - 1].append(text)
      room -= lengths[text]
    }
    return batches
  }
}
