import Foundation

/// What a text is to the encoder; some models put a different prompt before each.
public enum TextRole: String, Sendable, CaseIterable {
  /// What is searched with.
  case query
  /// What is searched for.
  case passage
}

/// `config_sentence_transformers.json`: prompts, and how embeddings are meant to be compared.
struct PromptSettings: Sendable, Equatable {
  var prompts: [String: String] = [:]
  var defaultName: String?
  var similarity: String?
  /// How many leading columns embeddings keep (`truncate_dim`).
  var dimensions: Int?

  /// No prompts.
  init(similarity: String? = nil) { self.similarity = similarity }

  /// Reads `config_sentence_transformers.json`.
  ///
  /// - Throws: `EncoderError`: `.unsupported` for another kind of model; `.invalidConfiguration`
  ///   when the default prompt is not among the prompts; `.damagedFile`.
  init(contentsOf file: URL) throws {
    let json = try JSONObject(contentsOf: file)
    if let type = try json.string("model_type"), type != "SentenceTransformer" {
      throw json.unsupported("model_type", .string(type), "it reads \"SentenceTransformer\"")
    }
    if let object = try json.object("prompts") {
      for name in object.fields.keys { prompts[name] = try object.string(name) ?? "" }
    }
    defaultName = try json.string("default_prompt_name")
    similarity = try json.string("similarity_fn_name")
    dimensions = try json.integer("truncate_dim", minimum: 1)
    if let defaultName, prompts[defaultName] == nil {
      throw EncoderError(
        .invalidConfiguration,
        "\(json.file): default prompt \"\(defaultName)\" is not among the prompts")
    }
  }

  /// What stands before a text of this role.
  ///
  /// The first prompt that is not empty under the role's names; empty when only empty ones are
  /// there; the default prompt when none is there.
  func prompt(for role: TextRole) -> String {
    let names = switch role {
    case .query: ["query"]
    case .passage: ["document", "passage", "corpus"]
    }
    let candidates = names.compactMap { prompts[$0] }
    return candidates.first { !$0.isEmpty } ?? candidates.first
      ?? defaultName.flatMap { prompts[$0] } ?? ""
  }
}
