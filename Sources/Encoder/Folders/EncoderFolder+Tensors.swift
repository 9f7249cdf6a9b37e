import Foundation
public import Tensors

extension EncoderFolder {
  /// The weights by canonical name: those of Hugging Face's BERT without a prefix, heads left out;
  /// those of the modules after the pooling as "modules.2.linear.weight", by place in the list.
  ///
  /// - Returns: matrices `(r, c)`, vectors `(1, n)`; float32 ones are mapped from the file.
  /// - Throws: `EncoderError` naming file and tensor: `.damagedFile`; `.missingTensor`;
  ///   `.wrongShape` with expected and found extents; `.unsupported` for a tensor the architecture
  ///   does not have or a dtype Freshet does not know; `.notFinite` for NaN and infinity.
  /// - Complexity: O(weights): each is read once, to look for NaN.
  public func canonicalTensors() throws -> [String: Matrix] {
    var tensors: [String: Matrix] = [:]
    for tensor in try storedTensors() {
      let matrix = try tensor.file.matrix(tensor.stored)
      if let place = matrix.firstNonFinite() {
        throw EncoderError(
          .notFinite,
          "\(tensor.file.path): tensor \"\(tensor.stored)\" holds "
            + "\(matrix[place.row, place.column]) at row \(place.row), column \(place.column); "
            + "such weights give no embeddings")
      }
      tensors[tensor.name] = matrix
    }
    return tensors
  }

  /// A tensor of the model and where it is stored.
  struct StoredTensor {
    /// Its canonical name.
    let name: String
    let shape: [Int]
    let file: WeightFiles
    /// Its name in `file`.
    let stored: String
  }

  /// Every tensor the model has, with its extents, by canonical name, in the order of use.
  var expectedTensors: [(name: String, shape: [Int])] {
    TensorNames.expected(configuration) + modules.tensors
  }

  /// Every tensor the configuration asks for, sorted by canonical name.
  func storedTensors() throws -> [StoredTensor] {
    let file = try WeightFiles(path: weightsPath)
    let tensors = try transformerTensors(in: file) + moduleTensors(transformer: file)
    return tensors.sorted { $0.name < $1.name }
  }

  private func transformerTensors(in file: WeightFiles) throws -> [StoredTensor] {
    var stored: [String: String] = [:]
    for name in file.names {
      let canonical = TensorNames.canonical(name, configuration.family)
      guard TensorNames.isUsed(canonical) else { continue }
      if let other = stored.updateValue(name, forKey: canonical) {
        throw EncoderError(
          .unsupported, "\(file.path) holds one tensor twice, as \"\(other)\" and \"\(name)\"")
      }
    }
    let tensors = try TensorNames.expected(configuration).map { name, shape in
      try tensor(name, shape, in: file, as: stored.removeValue(forKey: name))
    }
    if let extra = stored.values.min() {
      throw EncoderError(
        .unsupported,
        "\(file.path): tensor \"\(extra)\" has no place in the "
          + "\(configuration.family.className) that config.json describes")
    }
    return tensors
  }

  /// The tensors of the modules after the pooling, each in its own file; a projection of DPR lies
  /// in the transformer's, as "ctx_encoder.encode_proj.weight".
  private func moduleTensors(transformer: WeightFiles) throws -> [StoredTensor] {
    try modules.enumerated().flatMap { index, module -> [StoredTensor] in
      guard !module.tensors.isEmpty else { return [] }
      let file =
        try moduleFolders[index].map { try WeightFiles(path: Self.weights(in: $0).path) }
        ?? transformer
      return try module.tensors.map { name, shape in
        let candidates =
          moduleFolders[index] == nil ? TensorNames.projections(of: name) : [name]
        let stored = candidates.first { file.shape(of: $0) != nil }
        return try tensor([HeadModule].prefix(index) + name, shape, in: file, as: stored)
      }
    }
  }

  private func tensor(
    _ name: String, _ shape: [Int], in file: WeightFiles, as stored: String?
  ) throws -> StoredTensor {
    guard let stored else {
      throw EncoderError(
        .missingTensor, "\(file.path) has no tensor \"\(name)\", which config.json asks for")
    }
    let found = file.shape(of: stored) ?? []
    guard found == shape else {
      throw EncoderError(
        .wrongShape,
        "\(file.path): tensor \"\(stored)\" has shape \(found), config.json asks for \(shape)")
    }
    return StoredTensor(name: name, shape: shape, file: file, stored: stored)
  }
}
