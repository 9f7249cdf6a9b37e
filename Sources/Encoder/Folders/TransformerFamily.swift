/// The published architectures whose arithmetic is BERT's, by Hugging Face's `model_type`.
///
/// They differ in where positions begin, in whether token types exist, in MPNet's attention bias,
/// and in names. All of that is data: one forward and one backward pass serve them all.
public enum TransformerFamily: String, Sendable, CaseIterable {
  /// BERT, MiniLM, BGE, E5, GTE; DPR's towers and ELECTRA without projection are read as it.
  case bert
  case roberta
  case xlmRoberta = "xlm-roberta"
  case camembert
  case distilBERT = "distilbert"
  case mpnet

  /// The family that a `model_type` is read as, nil when Freshet does not know it.
  init?(modelType: String) {
    switch modelType {
    case "dpr", "electra": self = .bert
    default: self.init(rawValue: modelType)
    }
  }

  /// Every `model_type` that is read, for messages.
  static let modelTypes = (allCases.map(\.rawValue) + ["dpr", "electra"]).sorted()

  /// The class that Hugging Face loads it with.
  var className: String {
    switch self {
    case .bert: "BertModel"
    case .roberta: "RobertaModel"
    case .xlmRoberta: "XLMRobertaModel"
    case .camembert: "CamembertModel"
    case .distilBERT: "DistilBertModel"
    case .mpnet: "MPNetModel"
    }
  }

  /// The padding id a `config.json` without `pad_token_id` means.
  var usualPaddingID: Int {
    switch self {
    case .bert, .distilBERT: 0
    case .roberta, .xlmRoberta, .camembert, .mpnet: 1
    }
  }

  /// The row of the position table that a text's first token takes.
  func firstPosition(paddingID: Int) -> Int {
    switch self {
    case .bert, .distilBERT: 0
    case .roberta, .xlmRoberta, .camembert: paddingID + 1
    case .mpnet: 2  // its padding row is 1 whatever the configuration says
    }
  }

  /// Whether token types have embeddings.
  var hasTypes: Bool {
    switch self {
    case .distilBERT, .mpnet: false
    case .bert, .roberta, .xlmRoberta, .camembert: true
    }
  }

  /// Whether attention adds a learned bias by relative position.
  var hasRelativeBias: Bool { self == .mpnet }

  /// What the family calls a key of BERT's `config.json`; nil when it has no such key.
  func key(_ bert: String) -> String? {
    guard self == .distilBERT else { return bert }
    return Self.absentInDistilBERT.contains(bert) ? nil : Self.distilBERTKeys[bert, default: bert]
  }

  private static let distilBERTKeys = [
    "hidden_size": "dim", "num_hidden_layers": "n_layers", "num_attention_heads": "n_heads",
    "intermediate_size": "hidden_dim", "hidden_act": "activation",
    "hidden_dropout_prob": "dropout", "attention_probs_dropout_prob": "attention_dropout",
  ]
  private static let absentInDistilBERT: Set = ["layer_norm_eps", "type_vocab_size"]

  /// Pieces of the family's tensor names and BERT's, in an order that translates either way.
  var tensorNamePieces: [(own: String, bert: String)] {
    switch self {
    case .bert, .roberta, .xlmRoberta, .camembert: []
    case .distilBERT:
      [
        ("transformer.layer.", "encoder.layer."),
        (".attention.q_lin.", ".attention.self.query."),
        (".attention.k_lin.", ".attention.self.key."),
        (".attention.v_lin.", ".attention.self.value."),
        (".attention.out_lin.", ".attention.output.dense."),
        (".sa_layer_norm.", ".attention.output.LayerNorm."),
        (".ffn.lin1.", ".intermediate.dense."), (".ffn.lin2.", ".output.dense."),
        (".output_layer_norm.", ".output.LayerNorm."),
      ]
    case .mpnet:
      [
        (".attention.attn.q.", ".attention.self.query."),
        (".attention.attn.k.", ".attention.self.key."),
        (".attention.attn.v.", ".attention.self.value."),
        (".attention.attn.o.", ".attention.output.dense."),
        (".attention.LayerNorm.", ".attention.output.LayerNorm."),
      ]
    }
  }
}
