public import Tensors

extension EncoderFolder {
  /// The weights by canonical name: Hugging Face's names without a prefix, heads left out.
  ///
  /// - Returns: matrices `(r, c)`, vectors `(1, n)`; float32 ones are mapped from the file.
  /// - Throws: `EncoderError` naming file and tensor: `.damagedFile`; `.missingTensor`;
  ///   `.wrongShape` with expected and found extents; `.unsupported` for a tensor BERT does not
  ///   have or a dtype Freshet does not know; `.notFinite` for NaN and infinity.
  /// - Complexity: O(weights): each is read once, to look for NaN.
  public func canonicalTensors() throws -> [String: Matrix] {
    let file = try SafetensorsFile(path: weightsPath)
    var tensors: [String: Matrix] = [:]
    for (name, stored, _) in try storedTensors(in: file) {
      let matrix = try file.matrix(stored)
      if let place = matrix.firstNonFinite() {
        throw EncoderError(
          .notFinite,
          "\(weightsPath): tensor \"\(stored)\" holds \(matrix[place.row, place.column]) at row "
            + "\(place.row), column \(place.column); such weights give no embeddings")
      }
      tensors[name] = matrix
    }
    return tensors
  }

  /// Every tensor the configuration asks for, sorted by canonical name, with its name in `file`.
  func storedTensors(
    in file: SafetensorsFile
  ) throws -> [(name: String, stored: String, shape: [Int])] {
    var stored: [String: String] = [:]
    for name in file.names where TensorNames.isUsed(TensorNames.canonical(name)) {
      if let other = stored.updateValue(name, forKey: TensorNames.canonical(name)) {
        throw EncoderError(
          .unsupported, "\(file.path) holds one tensor twice, as \"\(other)\" and \"\(name)\"")
      }
    }
    let expected = TensorNames.expected(configuration)
    let tensors = try expected.map { name, shape in
      guard let original = stored.removeValue(forKey: name) else {
        throw EncoderError(
          .missingTensor, "\(file.path) has no tensor \"\(name)\", which config.json asks for")
      }
      let found = file.shape(of: original) ?? []
      guard found == shape else {
        throw EncoderError(
          .wrongShape,
          "\(file.path): tensor \"\(original)\" has shape \(found), config.json asks for \(shape)")
      }
      return (name: name, stored: original, shape: shape)
    }
    if let extra = stored.values.min() {
      throw EncoderError(
        .unsupported,
        "\(file.path): tensor \"\(extra)\" has no place in the BERT that config.json describes")
    }
    return tensors.sorted { $0.name < $1.name }
  }
}
