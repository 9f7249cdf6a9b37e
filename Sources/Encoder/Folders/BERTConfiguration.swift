public import Tensors

/// The shape of a BERT-shaped encoder and the constants of its arithmetic: what `config.json` says.
public struct BERTConfiguration: Sendable, Equatable {
  /// Whose names the model's files use, and whose class loads them in Python.
  public var family: TransformerFamily
  /// V, rows of the word embedding table.
  public var vocabularySize: Int
  /// H, the width of hidden states and of the embedding.
  public var hiddenSize: Int
  /// Number of transformer layers.
  public var layerCount: Int
  /// Attention heads per layer; divides `hiddenSize`.
  public var headCount: Int
  /// Width inside the feed-forward block.
  public var intermediateSize: Int
  /// P, rows of the position table; see ``longestSequence``.
  public var maximumPositions: Int
  /// The row of the position table that a sequence's first token takes: 0 in BERT. Where it is
  /// not, the row before it belongs to padding tokens, which count no position (RoBERTa's rule).
  public var firstPosition: Int
  /// T, rows of the token type table, of which row 0 is used; 0 when there is no such table.
  public var typeVocabularySize: Int
  /// Rows of the table of relative attention biases that all layers share (MPNet); 0 when there is
  /// no such table.
  public var relativeBuckets: Int
  /// Added to the variance in every layer norm.
  public var layerNormEpsilon: Float
  /// Share of hidden activations dropped in training; no part in inference.
  public var hiddenDropout: Float
  /// Share of attention weights dropped in training; no part in inference.
  public var attentionDropout: Float
  /// The function inside the feed-forward block.
  public var activation: Activation
  /// Id of the padding token.
  public var paddingTokenID: Int

  /// The most tokens a sequence may have.
  public var longestSequence: Int { maximumPositions - firstPosition }

  /// A configuration of the given sizes; the other constants are those of BERT.
  ///
  /// Traps when a size is not positive or the heads do not divide the hidden size.
  public init(
    vocabularySize: Int, hiddenSize: Int, layerCount: Int, headCount: Int, intermediateSize: Int,
    maximumPositions: Int = 512, typeVocabularySize: Int = 2, layerNormEpsilon: Float = 1e-12,
    hiddenDropout: Float = 0.1, attentionDropout: Float = 0.1, activation: Activation = .gelu,
    paddingTokenID: Int = 0, family: TransformerFamily = .bert, firstPosition: Int = 0,
    relativeBuckets: Int = 0
  ) {
    let sizes = [
      vocabularySize, hiddenSize, layerCount, headCount, intermediateSize,
      maximumPositions - firstPosition,
    ]
    precondition(sizes.allSatisfy { $0 > 0 }, "every size of a BERT must be positive: \(sizes)")
    precondition(
      typeVocabularySize >= 0 && firstPosition >= 0 && relativeBuckets >= 0,
      "a table of a BERT cannot have a negative size")
    precondition(
      hiddenSize % headCount == 0, "\(headCount) heads do not divide hidden size \(hiddenSize)")
    self.family = family
    self.vocabularySize = vocabularySize
    self.hiddenSize = hiddenSize
    self.layerCount = layerCount
    self.headCount = headCount
    self.intermediateSize = intermediateSize
    self.maximumPositions = maximumPositions
    self.firstPosition = firstPosition
    self.typeVocabularySize = typeVocabularySize
    self.relativeBuckets = relativeBuckets
    self.layerNormEpsilon = layerNormEpsilon
    self.hiddenDropout = hiddenDropout
    self.attentionDropout = attentionDropout
    self.activation = activation
    self.paddingTokenID = paddingTokenID
  }
}
