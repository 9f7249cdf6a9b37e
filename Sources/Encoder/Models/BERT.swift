public import Tensors

/// The weights of a BERT-shaped transformer. ``PackedBERT`` computes with them.
public struct BERT: Sendable {
  /// The architecture.
  public let configuration: BERTConfiguration
  /// The weights, and those of the modules after the transformer.
  public var parameters: Parameters
  let slots: BERTSlots

  /// - Parameters:
  ///   - configuration: the architecture.
  ///   - tensors: a model's tensors by canonical name; see ``EncoderFolder/canonicalTensors()``.
  ///   - following: slots of the modules after the transformer. Its passes leave them alone: they
  ///     stand in the same list so that a model has one set of parameters.
  /// - Throws: `EncoderError` naming a tensor that is missing or has another shape.
  public init(
    _ configuration: BERTConfiguration, tensors: [String: Matrix], following: [ParameterSlot] = []
  ) throws(EncoderError) {
    self.configuration = configuration
    slots = BERTSlots(configuration)
    parameters = try Parameters(slots: slots.slots + following, tensors: tensors)
  }

  /// How many of the first slots of ``parameters`` belong to the tables and the first `layers`
  /// layers; 0 when `layers` is nil.
  public func slotCount(below layers: Int?) -> Int { layers.map(slots.count(below:)) ?? 0 }

  /// A row for each token of the vocabulary, `(vocabulary, hidden)`.
  var wordEmbeddings: Matrix { parameters.values[slots.wordEmbeddings] }

  /// The sums that the first layer norm takes, `(tokens, hidden)`.
  func embeddings(_ tokens: PackedTokens) -> Matrix {
    embeddingSums(
      words: wordEmbeddings,
      positions: parameters.values[slots.positionEmbeddings],
      types: slots.typeEmbeddings.map { parameters.values[$0] }
        ?? Matrix(rows: 1, columns: configuration.hiddenSize),
      ids: tokens.ids, places: positions(tokens))
  }

  func positions(_ tokens: PackedTokens) -> [Int32] {
    tokens.positions(from: configuration.firstPosition)
  }

  /// The bias that every layer adds to its attention scores, as far as these sequences reach.
  func relativeBias(_ tokens: PackedTokens) -> RelativeBias? {
    let longest = tokens.sequences.lazy.map(\.count).max() ?? 1
    return slots.relativeBias.map {
      RelativeBuckets.expand(parameters.values[$0], reach: max(longest - 1, 0))
    }
  }
}
