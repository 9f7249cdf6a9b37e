/// The names of an encoder's tensors: the canonical ones, which are BERT's, and what files call
/// them.
enum TensorNames {
  /// What may stand before the names: models with heads, and the two towers of DPR.
  private static let prefixes = [
    "question_encoder.bert_model.", "ctx_encoder.bert_model.", "bert.", "roberta.", "distilbert.",
    "mpnet.", "electra.",
  ]

  /// The canonical name of a stored tensor: BERT's, without prefix, layer norms' gamma and beta
  /// renamed.
  static func canonical(_ stored: String, _ family: TransformerFamily) -> String {
    var name = stored
    if let prefix = prefixes.first(where: { name.hasPrefix($0) }) { name.removeFirst(prefix.count) }
    for (old, new) in [("gamma", "weight"), ("beta", "bias")]
    where name.hasSuffix("LayerNorm.\(old)") {
      name = name.dropLast(old.count) + new
    }
    for piece in family.tensorNamePieces { name = name.replacing(piece.own, with: piece.bert) }
    return name
  }

  /// The family's name, without prefix, of a tensor with this canonical name.
  static func stored(_ canonical: String, _ family: TransformerFamily) -> String {
    family.tensorNamePieces.reduce(canonical) { $0.replacing($1.bert, with: $1.own) }
  }

  /// What DPR's towers call a tensor of the Dense module that their projection is read as.
  static func projections(of linear: String) -> [String] {
    let name = "encode_proj" + linear.dropFirst("linear".count)
    return ["question_encoder.\(name)", "ctx_encoder.\(name)"]
  }

  /// Whether a tensor of this canonical name takes part in embeddings. Poolers and other heads do
  /// not.
  static func isUsed(_ canonical: String) -> Bool {
    let buffers: Set = ["embeddings.position_ids", "embeddings.token_type_ids"]
    return (canonical.hasPrefix("embeddings.") || canonical.hasPrefix("encoder."))
      && !buffers.contains(canonical)
  }

  /// The table of word embeddings: one row per token.
  static let wordEmbeddings = "embeddings.word_embeddings.weight"

  /// The table of relative attention biases: one row per bucket, one column per head.
  static let relativeBias = "encoder.relative_attention_bias.weight"

  /// Every tensor a transformer of this configuration has, with its extents, in the order of use.
  static func expected(_ c: BERTConfiguration) -> [(name: String, shape: [Int])] {
    let (h, m) = (c.hiddenSize, c.intermediateSize)
    var tensors: [(String, [Int])] = [
      (wordEmbeddings, [c.vocabularySize, h]),
      ("embeddings.position_embeddings.weight", [c.maximumPositions, h]),
    ]
    if c.typeVocabularySize > 0 {
      tensors.append(("embeddings.token_type_embeddings.weight", [c.typeVocabularySize, h]))
    }
    func norm(_ name: String) { tensors += [("\(name).weight", [h]), ("\(name).bias", [h])] }
    func dense(_ name: String, _ output: Int, _ input: Int) {
      tensors += [("\(name).weight", [output, input]), ("\(name).bias", [output])]
    }
    norm("embeddings.LayerNorm")
    if c.relativeBuckets > 0 {
      tensors.append((relativeBias, [c.relativeBuckets, c.headCount]))
    }
    for layer in (0..<c.layerCount).map({ "encoder.layer.\($0)" }) {
      for part in ["query", "key", "value"] { dense("\(layer).attention.self.\(part)", h, h) }
      dense("\(layer).attention.output.dense", h, h)
      norm("\(layer).attention.output.LayerNorm")
      dense("\(layer).intermediate.dense", m, h)
      dense("\(layer).output.dense", h, m)
      norm("\(layer).output.LayerNorm")
    }
    return tensors
  }
}
