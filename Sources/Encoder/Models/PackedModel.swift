public import Tensors

/// A model with its weights laid out for the kernels: token ids to embeddings, and gradients back.
///
/// Made anew when the weights change; packing costs about as much as reading them once.
public struct PackedModel: Sendable {
  /// The weights this was made of.
  public let model: EmbeddingModel
  /// What products are computed in.
  public let precision: Precision
  private let bert: PackedBERT

  private var parameters: Parameters { model.parameters }

  /// For encoding only.
  ///
  /// - Parameter precision: what products are computed in.
  public init(_ model: EmbeddingModel, precision: Precision = .float32) {
    self.init(model, Packing(precision: precision))
  }

  /// For encoding and for gradients: twice the memory.
  ///
  /// - Parameter frozenLayers: so many of the first layers, and the tables below them, get no
  ///   gradient; nil for none. The backward pass ends above them.
  public init(training model: EmbeddingModel, frozenLayers: Int? = nil) {
    self.init(model, Packing(trains: true, frozenLayers: frozenLayers))
  }

  private init(_ model: EmbeddingModel, _ packing: Packing) {
    self.model = model
    precision = packing.precision
    bert = PackedBERT(model.bert, packing)
  }

  /// Bytes the packed weights take, beside the model's own.
  public var byteCount: Int { bert.byteCount }

  /// What ``backward(_:_:into:)`` needs of one forward pass.
  public struct Kept: Sendable {
    fileprivate let tokens: PackedTokens
    fileprivate let bert: PackedBERT.Kept
    fileprivate let hidden: Matrix
    fileprivate let head: [Head.Kept]
    /// The embeddings before they were cut, when they were.
    fileprivate let whole: Matrix?
  }

  /// Embeddings of packed sequences, `(sequences, dimension)`. No sequence may be empty.
  public func forward(_ tokens: PackedTokens) -> Matrix {
    var result = model.pooling.forward(bert.forward(tokens), tokens)
    model.head.forward(&result, parameters)
    return cut(result)
  }

  /// Embeddings, `(sequences, dimension)`, and what the backward pass needs.
  ///
  /// - Parameter dropout: one key per sequence, or nil for none.
  public func forwardKeeping(_ tokens: PackedTokens, dropout: Dropout?) -> (Matrix, Kept) {
    let (hidden, kept) = bert.forwardKeeping(tokens, dropout: dropout)
    var embeddings = model.pooling.forward(hidden, tokens)
    let states = model.head.forwardKeeping(&embeddings, parameters)
    return (
      cut(embeddings),
      Kept(
        tokens: tokens, bert: kept, hidden: hidden, head: states,
        whole: model.dimensions == nil ? nil : embeddings)
    )
  }

  /// The embeddings of ``forwardKeeping(_:dropout:)``, to the last bit, keeping nothing.
  ///
  /// - Parameter dropout: one key per sequence, or nil for none.
  public func forwardDropping(_ tokens: PackedTokens, dropout: Dropout?) -> Matrix {
    var embeddings = model.pooling.forward(bert.forwardDropping(tokens, dropout: dropout), tokens)
    _ = model.head.forwardKeeping(&embeddings, parameters)
    return cut(embeddings)
  }

  /// Adds the gradients of all parameters, given that of the embeddings, `(sequences, dimension)`.
  public func backward(_ gradient: Matrix, _ kept: Kept, into gradients: inout Parameters) {
    var gradient = kept.whole.map { throughCut(gradient, $0) } ?? gradient
    model.head.backward(&gradient, kept.head, parameters, into: &gradients)
    let hiddenGradient = model.pooling.backward(gradient, hidden: kept.hidden, kept.tokens)
    bert.backward(hiddenGradient, kept.bert, into: &gradients)
  }

  /// The leading columns, of unit length when whole embeddings have it.
  private func cut(_ embeddings: Matrix) -> Matrix {
    guard let dimensions = model.dimensions else { return embeddings }
    var result = embeddings.leadingColumns(dimensions)
    if model.normalizes { result.normalizeRows() }
    return result
  }

  /// The gradient of whole embeddings, given that of the cut ones.
  private func throughCut(_ gradient: Matrix, _ whole: Matrix) -> Matrix {
    var gradient = gradient
    if model.normalizes {
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
