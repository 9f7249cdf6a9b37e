import Foundation

/// What surrounds the tokenizer: how long a text may be, and whether it is lower-cased first.
///
/// Read from `sentence_bert_config.json` (or its older names) and `tokenizer_config.json`.
struct TextLimits: Sendable, Equatable {
  /// Most tokens of a text, special tokens included.
  let maximumLength: Int

  /// Names sentence-transformers has given its file, looked up in this order.
  private static let names = [
    "bert", "roberta", "distilbert", "camembert", "albert", "xlm-roberta", "xlnet",
  ].map { "sentence_\($0)_config.json" }

  /// Reads the transformer's `folder`.
  ///
  /// The length is `max_seq_length` (the schema up to 5.3), else the tokenizer's
  /// `model_max_length`, and never more than the model has positions for: RoBERTa's 514 are 512.
  ///
  /// - Throws: `EncoderError` `.unsupported` naming a task or output other than token embeddings,
  ///   or a lower-casing that the tokenizer does not do itself; `.invalidConfiguration`, also when
  ///   `max_seq_length` is beyond the position table; `.damagedFile`.
  init(transformerFolder folder: URL, configuration: BERTConfiguration) throws {
    let tokenizer = try JSONObject.read(ifPresent: folder.appending(path: "tokenizer_config.json"))
    let sentence = try Self.names.lazy
      .compactMap { try JSONObject.read(ifPresent: folder.appending(path: $0)) }.first
    if let sentence {
      try Self.refuseOtherOutputs(sentence)
      try Self.refuseCasedTokenizer(sentence, tokenizer, folder)
    }
    var (length, source) = (Double.infinity, folder.path)
    if let sentence, let own = try sentence.integer("max_seq_length", minimum: 1) {
      guard own <= configuration.maximumPositions else {
        throw EncoderError(
          .invalidConfiguration,
          "\(sentence.file): \"max_seq_length\" is \(own), config.json has "
            + "\(configuration.maximumPositions) positions (\"max_position_embeddings\"); "
            + "set it to \(configuration.longestSequence) or less")
      }
      (length, source) = (Double(own), sentence.file)
    } else if let tokenizer, let own = try tokenizer.number("model_max_length") {
      (length, source) = (own, tokenizer.file)
    }
    maximumLength = Int(max(0, min(length, Double(configuration.longestSequence))))
    guard maximumLength >= 3 else {
      throw EncoderError(
        .invalidConfiguration,
        "\(source): texts may have \(maximumLength) tokens; [CLS], one token and [SEP] need 3")
    }
  }

  /// Throws when the transformer module gives something else than token embeddings of a text, or
  /// tokenizes by other rules than the tokenizer's.
  private static func refuseOtherOutputs(_ json: JSONObject) throws {
    let text = try json.object("modality_config")?.object("text")
    let expected: [(JSONObject?, String, String)] = [
      (json, "transformer_task", "feature-extraction"),
      (json, "module_output_name", "token_embeddings"),
      (text, "method", "forward"),
      (text, "method_output_name", "last_hidden_state"),
    ]
    for (object, key, known) in expected {
      guard let object, let value = try object.string(key), value != known else { continue }
      throw object.unsupported(key, .string(value), "it knows \"\(known)\"")
    }
    for key in ["query_length", "document_length", "query_expansion"] {
      if let value = json.present(key) {
        throw json.unsupported(key, value, "it has one length for all texts")
      }
    }
    if let value = json.present("processing_kwargs"), value != .object([:]) {
      throw json.unsupported("processing_kwargs", value, "it tokenizes as the tokenizer says")
    }
  }

  /// Throws when texts are to be lower-cased before a tokenizer that keeps case.
  private static func refuseCasedTokenizer(
    _ sentence: JSONObject, _ tokenizer: JSONObject?, _ folder: URL
  ) throws {
    guard try sentence.bool("do_lower_case") == true else { return }
    guard try !lowercases(folder) else { return }
    throw EncoderError(
      .unsupported,
      "\(sentence.file): \"do_lower_case\" is true and the tokenizer keeps case; "
        + "Freshet lower-cases only in the tokenizer")
  }

  /// Whether the tokenizer of `folder` lower-cases.
  private static func lowercases(_ folder: URL) throws -> Bool {
    let file = folder.appending(path: "tokenizer.json")
    if let json = try JSONObject.read(ifPresent: file) {
      return try json.object("normalizer").map(normalizerLowercases) ?? false
    }
    let settings = try JSONObject.read(ifPresent: folder.appending(path: "tokenizer_config.json"))
    return try settings?.bool("do_lower_case") ?? true
  }

  /// Whether a normalizer of `tokenizer.json`, or one in its sequence, lower-cases.
  private static func normalizerLowercases(_ json: JSONObject) throws -> Bool {
    if try json.string("type") == "Lowercase" { return true }
    guard case .array(let parts)? = json.present("normalizers") else {
      return try json.bool("lowercase") ?? false
    }
    return try parts.contains { part in
      guard case .object(let fields) = part else { return false }
      return try normalizerLowercases(JSONObject(file: json.file, fields: fields))
    }
  }
}
