import Tensors

/// The weights a BERT starts with before it has seen any text, as Hugging Face's `BertModel` draws
/// them: matrices from a normal distribution of standard deviation 0.02 around 0 (Devlin et al.
/// 2019 draw it truncated), the padding token's embedding 0, layer norms 1 and 0, biases 0.
enum RandomWeights {
  static let standardDeviation = 0.02

  /// Every tensor of a configuration, and a pooler, which embeddings do not use and Python expects.
  ///
  /// A tensor's values depend on the seed and on its place in the list alone.
  static func draw(
    _ configuration: BERTConfiguration, seed: UInt64
  ) -> (model: WrittenNetwork.Tensors, pooler: WrittenNetwork.Tensors) {
    let h = configuration.hiddenSize
    let pooler = [("pooler.dense.weight", [h, h]), ("pooler.dense.bias", [h])]
    let names = TensorNames.expected(configuration) + pooler
    var tensors = Array(names.enumerated()).concurrentMap { index, tensor in
      (
        name: tensor.0, shape: tensor.1,
        values: values(tensor.0, tensor.1, RandomStream(seed: seed, stream: UInt64(index)))
      )
    }
    if let words = tensors.firstIndex(where: { $0.name == TensorNames.wordEmbeddings }),
      configuration.paddingTokenID < configuration.vocabularySize
    {
      let zeros = [Float](repeating: 0, count: h)
      tensors[words].values.setRow(configuration.paddingTokenID, to: zeros)
    }
    return (Array(tensors.dropLast(pooler.count)), Array(tensors.suffix(pooler.count)))
  }

  private static func values(
    _ name: String, _ shape: [Int], _ stream: RandomStream
  ) -> Matrix {
    guard shape.count == 2 else {
      let start: Float = name.hasSuffix("LayerNorm.weight") ? 1 : 0
      return Matrix([[Float](repeating: start, count: shape[0])])
    }
    var random = stream
    return Matrix(
      rows: shape[0], columns: shape[1],
      elements: (0..<shape[0] * shape[1]).map { _ in
        Float(standardDeviation * random.normal())
      })
  }
}
