public import Foundation

/// Everything about a model folder except the arithmetic: what kind of encoder it holds, and where.
///
/// Reads sentence-transformers folders, as written up to 5.3 and from 5.4 on, and plain Hugging
/// Face folders of the families it knows. What Freshet does not know is refused by name; nothing is
/// guessed. Where queries and passages have a network each, it is about one of the two.
public struct EncoderFolder: Sendable {
  /// The folder.
  public let url: URL
  /// Whether queries and passages go through one network.
  public let isTied: Bool
  /// Sizes and constants of the network.
  public let configuration: BERTConfiguration
  /// How hidden states become one vector.
  public let pooling: Pooling
  /// The modules between pooling and embedding.
  public let modules: [HeadModule]
  /// How many leading columns embeddings keep; nil for all. See ``EmbeddingModel/dimensions``.
  public let dimensions: Int?
  /// Most tokens of a text, special tokens included; longer texts are cut.
  public let maximumLength: Int
  /// The folder of the tokenizer's files: `url`, or a folder in it.
  public let tokenizerFolder: URL
  /// Path of the transformer's safetensors file, or of the index of several.
  public let weightsPath: String
  let promptSettings: PromptSettings
  /// Folder of each of `modules`; nil where the transformer's file holds the weights.
  let moduleFolders: [URL?]

  /// Whether embeddings are scaled to unit length.
  public var normalizes: Bool { modules.last == .normalize }
  /// Number of columns of an embedding.
  public var dimension: Int { dimensions ?? wholeDimension }
  /// Number of columns that the last module gives.
  var wholeDimension: Int {
    modules.width(after: pooling.width(hiddenSize: configuration.hiddenSize))
  }
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
  ///   - role: which network, where queries and passages have one each.
  ///   - pooling: needed for a plain folder, which does not say it (a tower of DPR does: cls); must
  ///     agree with one that does.
  ///   - normalizes: the same for scaling to unit length; a plain folder does not unless told so.
  ///   - dimensions: leading columns to keep, instead of what the folder says.
  /// - Throws: `EncoderError`, each naming the file: `.missingFile`, `.unsupported`,
  ///   `.invalidConfiguration`, `.damagedFile`, `.io`; `.invalidArgument` when `pooling` is missing
  ///   or contradicts the folder, or there are not as many dimensions.
  public init(
    reading url: URL, for role: TextRole = .passage, pooling: PoolingMode? = nil,
    normalizes: Bool? = nil, dimensions: Int? = nil
  ) throws {
    try Self.requireFolder(url)
    self.url = url
    let modulesFile = url.appending(path: "modules.json")
    let list = Self.exists(modulesFile) ? try ModuleList(contentsOf: modulesFile) : nil
    let chain = list?.chain(for: role)
    isTied = list.map { $0.query == $0.passage } ?? true
    let transformer = Self.subfolder(chain?.transformerPath ?? "", of: url)
    tokenizerFolder = transformer
    let file = transformer.appending(path: "config.json")
    configuration = try BERTConfiguration(contentsOf: file)
    let tower = try DPRTower(contentsOf: file)
    maximumLength = try TextLimits(
      transformerFolder: transformer, configuration: configuration
    ).maximumLength
    let promptsFile = url.appending(path: "config_sentence_transformers.json")
    promptSettings = Self.exists(promptsFile) ? try .init(contentsOf: promptsFile) : .init()
    if let chain {
      try tower?.refuseProjection()
      self.pooling = try Self.pooling(chain, in: url, configuration, expected: pooling)
      modules = try Self.head(chain, in: url, after: self.pooling, configuration)
      moduleFolders = chain.head.map { Self.subfolder($0.path, of: url) }
      try Self.check(normalizes, of: modules, in: url)
    } else {
      self.pooling = try Self.given(pooling, for: url, tower)
      let projection = tower?.modules(hiddenSize: configuration.hiddenSize) ?? []
      modules = projection + (normalizes == true ? [.normalize] : [])
      moduleFolders = modules.map { _ in nil }
    }
    let width = modules.width(after: self.pooling.width(hiddenSize: configuration.hiddenSize))
    self.dimensions = try Self.dimensions(dimensions, promptSettings, of: width, in: url)
    weightsPath = try Self.weights(in: transformer).path
  }

  /// A folder that is yet to be written, of one network without prompts.
  init(
    new url: URL, _ shape: EncoderShape, _ configuration: BERTConfiguration, tokenizerFolder: URL
  ) {
    self.url = url
    self.configuration = configuration
    self.tokenizerFolder = tokenizerFolder
    isTied = true
    pooling = Pooling([shape.pooling])
    modules = shape.normalizes ? [.normalize] : []
    moduleFolders = modules.map { _ in nil }
    dimensions = nil
    maximumLength = shape.maximumLength
    promptSettings = PromptSettings(similarity: shape.normalizes ? "cosine" : "dot")
    weightsPath = url.appending(path: "model.safetensors").path
  }

  /// What stands before a text of this role: the prompt named "query" for queries, and "document",
  /// "passage" or "corpus" for passages; else the default prompt; else nothing.
  ///
  /// An empty prompt gives way to another one of the role: sentence-transformers 6 adds an empty
  /// "document" to folders that name theirs "passage", and then uses none.
  public func prompt(for role: TextRole) -> String { promptSettings.prompt(for: role) }
}
