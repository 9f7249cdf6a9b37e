public import Foundation
import Tensors

extension EncoderFolder {
  /// Writes a new encoder with random weights, to be trained from scratch, as a
  /// sentence-transformers folder.
  ///
  /// - Parameters:
  ///   - shape: its sizes, pooling and scale.
  ///   - source: a folder with a tokenizer, a model's or a plain one; its files are copied, those
  ///     of the passages' network where there are two.
  ///   - seed: of the weights: the same seed, shape and tokenizer give the same encoder.
  ///   - keepingWordEmbeddings: begin with the source's word embeddings, which must have the
  ///     shape's width, instead of random ones.
  ///   - destination: where to; nothing may be there. Folders above it are made.
  /// - Returns: the new encoder's fingerprint.
  /// - Throws: `EncoderError`: `.invalidArgument` for a shape that cannot be or word embeddings of
  ///   another width; `.alreadyExists`; `.io`. `TokenizerError` and `EncoderError` as reading does.
  /// - Complexity: O(weights).
  @discardableResult
  public static func writeRandom(
    _ shape: EncoderShape = EncoderShape(), like source: URL, seed: UInt64,
    keepingWordEmbeddings: Bool = false, to destination: URL
  ) throws -> String {
    try shape.validate()
    let tokenizerFolder = try tokenizerFolder(of: source)
    let tokenizer = try Tokenizers.read(folder: tokenizerFolder)
    let folder = EncoderFolder(
      new: destination, shape, shape.configuration(tokenizer), tokenizerFolder: tokenizerFolder)
    var weights = RandomWeights.draw(folder.configuration, seed: seed)
    if keepingWordEmbeddings {
      let words = try wordEmbeddings(of: source, for: folder.configuration)
      for i in weights.model.indices where weights.model[i].name == TensorNames.wordEmbeddings {
        weights.model[i].values = words
      }
    }
    let fingerprint = folder.fingerprint(
      tokenizerIdentity: tokenizer.identity, tensors: weights.model)
    let card = ModelCard(
      title: destination.lastPathComponent,
      summary: "An encoder that has not been trained: its weights are random.",
      hyperparameters: [.init("Seed", "\(seed)")])
    let network = WrittenNetwork(folder, weights.model, pooler: weights.pooler)
    try FolderWriter(
      networks: [network], modelCard: card.markdown(for: folder, fingerprint: fingerprint)
    ).write(to: destination)
    return fingerprint
  }

  /// The folder of the tokenizer's files, in a model's folder or a plain one.
  private static func tokenizerFolder(of url: URL) throws -> URL {
    try requireFolder(url)
    let modules = url.appending(path: "modules.json")
    guard exists(modules) else { return url }
    return subfolder(try ModuleList(contentsOf: modules).passage.transformerPath, of: url)
  }

  /// The rows of a model's word embeddings that a new encoder has a use for.
  private static func wordEmbeddings(
    of source: URL, for configuration: BERTConfiguration
  ) throws -> Matrix {
    let plain = !exists(source.appending(path: "modules.json"))
    let folder = try EncoderFolder(reading: source, pooling: plain ? .mean : nil)
    let (width, needed) = (folder.configuration.hiddenSize, configuration.vocabularySize)
    guard width == configuration.hiddenSize else {
      throw EncoderError(
        .invalidArgument,
        "\(folder.weightsPath): word embeddings have width \(width), the new encoder's hidden size "
          + "is \(configuration.hiddenSize): make it \(width), or start without them")
    }
    let name = TensorNames.wordEmbeddings
    guard let stored = try folder.storedTensors().first(where: { $0.name == name }),
      folder.configuration.vocabularySize >= needed
    else {
      throw EncoderError(
        .wrongShape, "\(folder.weightsPath) has fewer word embeddings than its tokenizer tokens")
    }
    return try stored.file.matrix(stored.stored)[rows: 0..<needed]
  }
}
