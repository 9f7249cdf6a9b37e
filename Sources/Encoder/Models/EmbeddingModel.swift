public import Tensors

/// Token ids to embeddings and gradients back: transformer, pooling, and the modules after it.
public struct EmbeddingModel: Sendable {
  /// The transformer; its parameters are followed by those of the head.
  public var bert: BERT
  /// How a sequence's hidden states become one vector.
  public let pooling: Pooling
  /// The modules between pooling and embedding.
  public var modules: [HeadModule] { head.modules }
  /// How many leading columns an embedding keeps; nil for all.
  public let dimensions: Int?
  private let head: Head

  /// - Parameters:
  ///   - configuration: the transformer's architecture.
  ///   - dimensions: leading columns to keep, for models trained to be cut (Kusupati et al. 2022);
  ///     nil for all. Rows are cut after all modules, and scaled to unit length again when the last
  ///     module is Normalize: sentence-transformers' `truncate_dim` with `normalize_embeddings`.
  ///     Traps unless it is from 1 to the width of the last module.
  ///   - tensors: by canonical name; see ``EncoderFolder/canonicalTensors()``.
  /// - Throws: `EncoderError` naming a tensor that is missing or has another shape.
  public init(
    _ configuration: BERTConfiguration, pooling: Pooling, modules: [HeadModule] = [],
    dimensions: Int? = nil, tensors: [String: Matrix]
  ) throws(EncoderError) {
    let width = modules.width(after: pooling.width(hiddenSize: configuration.hiddenSize))
    precondition(
      dimensions.map { (1...width).contains($0) } ?? true,
      "\(dimensions ?? 0) dimensions of \(width)")
    bert = try BERT(configuration, tensors: tensors, following: modules.slots)
    self.pooling = pooling
    self.dimensions = dimensions == width ? nil : dimensions
    head = Head(modules, firstSlot: bert.parameters.slots.count - modules.slots.count)
  }

  /// Number of columns of an embedding.
  public var dimension: Int {
    dimensions ?? modules.width(after: pooling.width(hiddenSize: bert.configuration.hiddenSize))
  }

  /// Whether embeddings have unit length.
  public var normalizes: Bool { modules.last == .normalize }

  /// The trainable tensors: the transformer's, then the head's.
  public var parameters: Parameters {
    get { bert.parameters }
    _modify { yield &bert.parameters }
  }

  /// What ``backward(_:_:into:)`` needs of one forward pass.
  public struct Kept: Sendable {
    let tokens: PackedTokens
    let bert: BERT.Kept
    let hidden: Matrix
    let head: [Head.Kept]
    /// The embeddings before they were cut, when they were.
    let whole: Matrix?
  }

  /// Embeddings of packed sequences, `(sequences, dimension)`. No sequence may be empty.
  public func forward(_ tokens: PackedTokens) -> Matrix {
    embeddings(fromHidden: bert.forward(tokens), of: tokens)
  }

  /// Embeddings, `(sequences, dimension)`, given hidden states of the last layer, `(tokens, H)`.
  func embeddings(fromHidden hidden: Matrix, of tokens: PackedTokens) -> Matrix {
    var result = pooling.forward(hidden, tokens)
    head.forward(&result, parameters)
    return cut(result)
  }

  /// Embeddings, `(sequences, dimension)`, and what the backward pass needs.
  ///
  /// - Parameter dropout: one key per sequence, or nil for none.
  public func forwardKeeping(_ tokens: PackedTokens, dropout: Dropout?) -> (Matrix, Kept) {
    let (hidden, kept) = bert.forwardKeeping(tokens, dropout: dropout)
    var embeddings = pooling.forward(hidden, tokens)
    let states = head.forwardKeeping(&embeddings, parameters)
    return (
      cut(embeddings),
      Kept(
        tokens: tokens, bert: kept, hidden: hidden, head: states,
        whole: dimensions == nil ? nil : embeddings)
    )
  }

  /// Adds the gradients of all parameters, given that of the embeddings, `(sequences, dimension)`.
  public func backward(_ gradient: Matrix, _ kept: Kept, into gradients: inout Parameters) {
    var gradient = kept.whole.map { throughCut(gradient, $0) } ?? gradient
    head.backward(&gradient, kept.head, parameters, into: &gradients)
    let hiddenGradient = pooling.backward(gradient, hidden: kept.hidden, kept.tokens)
    bert.backward(hiddenGradient, kept.bert, into: &gradients)
  }

  /// The leading columns, of unit length when whole embeddings have it.
  private func cut(_ embeddings: Matrix) -> Matrix {
    guard let dimensions else { return embeddings }
    var result = embeddings.leadingColumns(dimensions)
    if normalizes { result.normalizeRows() }
    return result
  }

  /// The gradient of whole embeddings, given that of the cut ones.
  private func throughCut(_ gradient: Matrix, _ whole: Matrix) -> Matrix {
    var gradient = gradient
    if normalizes {
      gradient = Head.throughNormalization(gradient, whole.leadingColumns(gradient.columns))
    }
    let missing = Matrix(rows: whole.rows, columns: whole.columns - gradient.columns)
    return .concatenatingColumns([gradient, missing])
  }
}

extension Matrix {
  /// A copy of the first `count` columns.
  fileprivate func leadingColumns(_ count: Int) -> Matrix {
    var elements: [Float] = []
    elements.reserveCapacity(rows * count)
    for i in 0..<rows { elements += row(i).prefix(count) }
    return Matrix(rows: rows, columns: count, elements: elements)
  }
}
