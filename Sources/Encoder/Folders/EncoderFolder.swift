public import Foundation

/// Everything about a model folder except the arithmetic: what kind of encoder it holds, and where.
///
/// Reads sentence-transformers folders, as written up to 5.3 and from 5.4 on, and plain Hugging
/// Face BERT folders. What Freshet does not know is refused by name; nothing is guessed.
public struct EncoderFolder: Sendable {
  /// The folder.
  public let url: URL
  /// Sizes and constants of the network.
  public let configuration: BERTConfiguration
  /// How hidden states become one embedding.
  public let pooling: PoolingMode
  /// Whether embeddings are scaled to unit length.
  public let normalizes: Bool
  /// Most tokens of a text, special tokens included; longer texts are cut.
  public let maximumLength: Int
  /// The folder of the tokenizer's files: `url`, or a folder in it.
  public let tokenizerFolder: URL
  /// Path of the safetensors file.
  public let weightsPath: String
  let promptSettings: PromptSettings

  /// Prompts by name.
  public var prompts: [String: String] { promptSettings.prompts }
  /// The prompt for texts of no role the prompts name.
  public var defaultPromptName: String? { promptSettings.defaultName }
  /// How sentence-transformers compares the embeddings ("cosine", "dot", …), when the folder says
  /// it.
  public var similarityFunctionName: String? { promptSettings.similarity }

  /// Reads a folder's configuration files. The weights are only looked for.
  ///
  /// - Parameters:
  ///   - url: the folder.
  ///   - pooling: needed for a plain folder, which does not say it; must agree with one that does.
  ///   - normalizes: the same for scaling to unit length; a plain folder does not unless told so.
  /// - Throws: `EncoderError`, each naming the file: `.missingFile`, `.unsupported`,
  ///   `.invalidConfiguration`, `.damagedFile`, `.io`; `.invalidArgument` when `pooling` is missing
  ///   or contradicts the folder.
  public init(
    reading url: URL, pooling: PoolingMode? = nil, normalizes: Bool? = nil
  ) throws {
    try Self.requireFolder(url)
    self.url = url
    let modulesFile = url.appending(path: "modules.json")
    let modules =
      Self.exists(modulesFile) ? try ModuleList(contentsOf: modulesFile) : nil
    let transformer = Self.subfolder(modules?.transformerPath ?? "", of: url)
    tokenizerFolder = transformer
    configuration = try BERTConfiguration(contentsOf: transformer.appending(path: "config.json"))
    maximumLength = try TextLimits(
      transformerFolder: transformer, maximumPositions: configuration.maximumPositions
    ).maximumLength
    let promptsFile = url.appending(path: "config_sentence_transformers.json")
    promptSettings = Self.exists(promptsFile) ? try .init(contentsOf: promptsFile) : .init()
    if let modules {
      self.pooling = try Self.pooling(
        modules, in: url, configuration, promptSettings, expected: pooling)
      self.normalizes = try Self.normalizes(modules, in: url, expected: normalizes)
    } else {
      self.pooling = try Self.given(pooling, for: url)
      self.normalizes = normalizes ?? false
    }
    weightsPath = try Self.weights(in: transformer).path
  }

  /// What stands before a text of this role: the prompt named "query" for queries, and "document",
  /// "passage" or "corpus" for passages; else the default prompt; else nothing.
  public func prompt(for role: TextRole) -> String { promptSettings.prompt(for: role) }
}
