/// The parameters of a BERT-shaped transformer as slots, and where each stands in the list.
///
/// Query, key and value projections are one slot, so that each layer projects once.
struct BERTSlots: Sendable {
  let slots: [ParameterSlot]

  let wordEmbeddings = 0
  let positionEmbeddings = 1
  /// Nil when there are no token types.
  let typeEmbeddings: Int?
  let embeddingNorm: Norm
  /// `(buckets, heads)`; nil when attention has no relative bias.
  let relativeBias: Int?
  private let firstLayer: Int

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

  func layer(_ index: Int) -> Layer {
    let i = firstLayer + 12 * index
    return Layer(
      qkv: Linear(weight: i, bias: i + 1), attentionOutput: Linear(weight: i + 2, bias: i + 3),
      attentionNorm: Norm(gamma: i + 4, beta: i + 5),
      intermediate: Linear(weight: i + 6, bias: i + 7),
      output: Linear(weight: i + 8, bias: i + 9), outputNorm: Norm(gamma: i + 10, beta: i + 11))
  }

  /// How many of the first slots belong to the tables and the first `layers` layers.
  func count(below layers: Int) -> Int { firstLayer + 12 * layers }

  init(_ c: BERTConfiguration) {
    let h = c.hiddenSize
    var slots: [ParameterSlot] = [
      .matrix("embeddings.word_embeddings.weight", c.vocabularySize, h),
      .matrix("embeddings.position_embeddings.weight", c.maximumPositions, h),
    ]
    typeEmbeddings = c.typeVocabularySize > 0 ? slots.count : nil
    if c.typeVocabularySize > 0 {
      slots.append(.matrix("embeddings.token_type_embeddings.weight", c.typeVocabularySize, h))
    }
    embeddingNorm = Norm(gamma: slots.count, beta: slots.count + 1)
    slots += [
      .vector("embeddings.LayerNorm.weight", h), .vector("embeddings.LayerNorm.bias", h),
    ]
    relativeBias = c.relativeBuckets > 0 ? slots.count : nil
    if c.relativeBuckets > 0 {
      slots.append(.matrix(TensorNames.relativeBias, c.relativeBuckets, c.headCount))
    }
    firstLayer = slots.count
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
