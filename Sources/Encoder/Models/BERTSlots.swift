/// The parameters of BERT (Devlin et al. 2019) as slots, and where each stands in the list.
///
/// Query, key and value projections are one slot, so that each layer projects once.
struct BERTSlots: Sendable {
  let slots: [ParameterSlot]

  static let wordEmbeddings = 0
  static let positionEmbeddings = 1
  static let typeEmbeddings = 2
  static let embeddingNorm = Norm(gamma: 3, beta: 4)

  /// Indices of a linear map's weight `(out, in)` and bias `(1, out)`.
  struct Linear: Sendable {
    let weight: Int, bias: Int
  }
  /// Indices of a layer norm's scale and shift, `(1, hidden)` each.
  struct Norm: Sendable {
    let gamma: Int, beta: Int
  }
  /// Indices of one layer's slots.
  struct Layer: Sendable {
    let qkv: Linear, attentionOutput: Linear
    let attentionNorm: Norm
    let intermediate: Linear, output: Linear
    let outputNorm: Norm
  }

  static func layer(_ index: Int) -> Layer {
    let i = 5 + 12 * index
    return Layer(
      qkv: Linear(weight: i, bias: i + 1), attentionOutput: Linear(weight: i + 2, bias: i + 3),
      attentionNorm: Norm(gamma: i + 4, beta: i + 5),
      intermediate: Linear(weight: i + 6, bias: i + 7),
      output: Linear(weight: i + 8, bias: i + 9), outputNorm: Norm(gamma: i + 10, beta: i + 11))
  }

  init(_ c: BERTConfiguration) {
    let h = c.hiddenSize
    var slots: [ParameterSlot] = [
      .matrix("embeddings.word_embeddings.weight", c.vocabularySize, h),
      .matrix("embeddings.position_embeddings.weight", c.maximumPositions, h),
      .matrix("embeddings.token_type_embeddings.weight", c.typeVocabularySize, h),
      .vector("embeddings.LayerNorm.weight", h), .vector("embeddings.LayerNorm.bias", h),
    ]
    for layer in 0..<c.layerCount {
      slots += BERTSlots.layerSlots("encoder.layer.\(layer).", hidden: h, inner: c.intermediateSize)
    }
    self.slots = slots
  }

  private static func layerSlots(_ p: String, hidden h: Int, inner: Int) -> [ParameterSlot] {
    let projections = ["query", "key", "value"].map { p + "attention.self.\($0)" }
    return [
      .matrix(p + "attention.self.qkv.weight", 3 * h, h, parts: projections.map { $0 + ".weight" }),
      .vector(p + "attention.self.qkv.bias", 3 * h, parts: projections.map { $0 + ".bias" }),
      .matrix(p + "attention.output.dense.weight", h, h),
      .vector(p + "attention.output.dense.bias", h),
      .vector(p + "attention.output.LayerNorm.weight", h),
      .vector(p + "attention.output.LayerNorm.bias", h),
      .matrix(p + "intermediate.dense.weight", inner, h),
      .vector(p + "intermediate.dense.bias", inner),
      .matrix(p + "output.dense.weight", h, inner),
      .vector(p + "output.dense.bias", h),
      .vector(p + "output.LayerNorm.weight", h),
      .vector(p + "output.LayerNorm.bias", h),
    ]
  }
}
