public import Tensors

/// The shape of a BERT encoder and the constants of its arithmetic: what `config.json` says.
public struct BERTConfiguration: Sendable, Equatable {
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
  /// P, the most tokens a sequence may have.
  public var maximumPositions: Int
  /// T, rows of the token type table; row 0 is used.
  public var typeVocabularySize: Int
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

  /// A configuration of the given sizes; the other constants are those of BERT.
  ///
  /// Traps when a size is not positive or the heads do not divide the hidden size.
  public init(
    vocabularySize: Int, hiddenSize: Int, layerCount: Int, headCount: Int, intermediateSize: Int,
    maximumPositions: Int = 512, typeVocabularySize: Int = 2, layerNormEpsilon: Float = 1e-12,
    hiddenDropout: Float = 0.1, attentionDropout: Float = 0.1, activation: Activation = .gelu,
    paddingTokenID: Int = 0
  ) {
    let sizes = [
      vocabularySize, hiddenSize, layerCount, headCount, intermediateSize, maximumPositions,
      typeVocabularySize,
    ]
    precondition(sizes.allSatisfy { $0 > 0 }, "every size of a BERT must be positive: \(sizes)")
    precondition(
      hiddenSize % headCount == 0, "\(headCount) heads do not divide hidden size \(hiddenSize)")
    self.vocabularySize = vocabularySize
    self.hiddenSize = hiddenSize
    self.layerCount = layerCount
    self.headCount = headCount
    self.intermediateSize = intermediateSize
    self.maximumPositions = maximumPositions
    self.typeVocabularySize = typeVocabularySize
    self.layerNormEpsilon = layerNormEpsilon
    self.hiddenDropout = hiddenDropout
    self.attentionDropout = attentionDropout
    self.activation = activation
    self.paddingTokenID = paddingTokenID
  }
}
