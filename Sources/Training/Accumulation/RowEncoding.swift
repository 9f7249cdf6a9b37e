import Encoder
import Tensors

/// The texts of one step as token ids, and the dropout keys they are encoded under.
struct EncoderRows: Sendable {
  /// Token ids, special ones included: the queries first, then the passages.
  var tokens: [[Int32]]
  /// One key per text, or nil for no dropout. A text keeps its key in whatever company it is.
  var dropoutKeys: [UInt64]?
  /// Ids at the front of each text that the pooling leaves out, or nil for none.
  var promptLengths: [Int]?

  /// Keys are those of the texts' places in the step.
  init(
    tokens: [[Int32]], promptLengths: [Int]? = nil, seed: UInt64, step: Int, usesDropout: Bool
  ) {
    self.tokens = tokens
    self.promptLengths = promptLengths
    dropoutKeys =
      usesDropout ? tokens.indices.map { Dropout.key(seed: seed, step: step, item: $0) } : nil
  }

  /// Number of tokens.
  var tokenCount: Int { tokens.reduce(0) { $0 + $1.count } }

  /// Embeddings of some of the texts, and what the backward pass needs.
  func encode(_ range: Range<Int>, with model: PackedModel) -> (Matrix, PackedModel.Kept) {
    // The rates are the encoder's own; the one given here is not used.
    let dropout = dropoutKeys.map { Dropout(rate: 0, keys: Array($0[range])) }
    let packed = PackedTokens(
      tokens[range], promptLengths: promptLengths.map { Array($0[range]) })
    return model.forwardKeeping(packed, dropout: dropout)
  }
}

/// How the rows of a step are encoded and their gradients accumulated.
protocol RowEncoding: Sendable {
  /// Adds the gradient of a loss over all rows to `gradients`; the update stays with the caller.
  ///
  /// - Parameter representationGradient: given the embeddings, (rows, d), evaluates the loss and
  ///   returns its gradient of the same shape; called once.
  func accumulate(
    _ rows: EncoderRows, model: PackedModel, into gradients: inout Parameters,
    representationGradient: (Matrix) -> Matrix)
}

/// All rows in one pass: activations of the whole batch are kept.
struct WholeBatch: RowEncoding {
  func accumulate(
    _ rows: EncoderRows, model: PackedModel, into gradients: inout Parameters,
    representationGradient: (Matrix) -> Matrix
  ) {
    let (embeddings, kept) = rows.encode(0..<rows.tokens.count, with: model)
    model.backward(representationGradient(embeddings), kept, into: &gradients)
  }
}
