public import Tensors

/// Version of the tensors' and metadata's meaning; raised when either changes.
private let savedFormat = "freshet-corrector-1"

/// The metadata every corrector writes.
func savedMetadata(of corrector: some Corrector, normalizes: Bool) -> [String: String] {
  [
    "format": savedFormat, "kind": corrector.kind.rawValue, "normalizes": String(normalizes),
    "input-dimension": String(corrector.inputDimension),
    "output-dimension": String(corrector.outputDimension),
  ]
}

/// The corrector that was saved as `tensors` and `metadata`; it corrects bit for bit as the
/// original did.
///
/// - Parameters:
///   - tensors: by name, as in ``Corrector/tensors``.
///   - metadata: as in ``Corrector/metadata``; other keys are ignored.
/// - Throws: `CorrectorError.damaged` naming the key or tensor that is missing, misshapen, not
///   finite or unknown.
public func makeCorrector(
  tensors: [String: Matrix], metadata: [String: String]
) throws(CorrectorError) -> any Corrector {
  let saved = try SavedCorrector(tensors: tensors, metadata: metadata)
  switch saved.kind {
  case .identity:
    guard saved.inputs == saved.outputs else {
      throw CorrectorError(
        .damaged,
        "saved identity corrector: dimensions \(saved.inputs) and \(saved.outputs) differ")
    }
    return IdentityCorrector(dimension: saved.inputs)
  case .procrustes:
    return ProcrustesCorrector(
      rotation: try saved.tensor("rotation", saved.inputs, saved.outputs),
      normalizes: saved.normalizes)
  case .lowRank:
    return try saved.lowRank()
  case .ridge:
    return try saved.ridge()
  case .clusters:
    return try saved.clusters()
  case .residualMLP:
    return try saved.residualMLP()
  case .textRidge:
    return try saved.textRidge()
  case .textMLP:
    return try saved.textMLP()
  }
}

/// Saved parameters, checked as they are taken.
private struct SavedCorrector {
  let tensors: [String: Matrix]
  let metadata: [String: String]
  let kind: CorrectorKind
  let inputs: Int, outputs: Int
  let normalizes: Bool

  init(tensors: [String: Matrix], metadata: [String: String]) throws(CorrectorError) {
    self.tensors = tensors
    self.metadata = metadata
    let format = metadata["format"] ?? "none"
    guard format == savedFormat else {
      throw CorrectorError(
        .damaged, "saved corrector: format \"\(format)\" is not \"\(savedFormat)\"")
    }
    kind = try value("kind", in: metadata) { CorrectorKind(rawValue: $0) }
    inputs = try value("input-dimension", in: metadata, convert: positive)
    outputs = try value("output-dimension", in: metadata, convert: positive)
    normalizes = try value("normalizes", in: metadata) { Bool($0) }
  }

  /// A tensor of that name and shape, finite throughout.
  func tensor(_ name: String, _ rows: Int, _ columns: Int) throws(CorrectorError) -> Matrix {
    guard let tensor = tensors[name] else {
      throw CorrectorError(.damaged, "saved \(kind.rawValue) corrector: no tensor \"\(name)\"")
    }
    guard tensor.rows == rows, tensor.columns == columns else {
      throw CorrectorError(
        .damaged,
        "saved \(kind.rawValue) corrector: tensor \"\(name)\" is \(tensor.rows)×\(tensor.columns), "
          + "not \(rows)×\(columns)")
    }
    if let place = tensor.firstNonFinite() {
      throw CorrectorError(
        .damaged,
        "saved \(kind.rawValue) corrector: tensor \"\(name)\" is not finite at row \(place.row), "
          + "column \(place.column)")
    }
    return tensor
  }

  func lowRank() throws(CorrectorError) -> LowRankCorrector {
    let rank = try value("rank", in: metadata, convert: positive)
    return LowRankCorrector(
      u: try tensor("u", inputs, rank), v: try tensor("v", rank, outputs),
      bias: try tensor("bias", 1, outputs).row(0), addsInput: try addsInput(),
      normalizes: normalizes)
  }

  func ridge() throws(CorrectorError) -> RidgeCorrector {
    RidgeCorrector(
      weight: try tensor("weight", inputs, outputs), bias: try tensor("bias", 1, outputs).row(0),
      addsInput: try addsInput(), normalizes: normalizes)
  }

  func clusters() throws(CorrectorError) -> ClusteredRidgeCorrector {
    let count = try value("clusters", in: metadata, convert: positive)
    let temperature = try value("temperature", in: metadata) { text in
      Float(text).flatMap { $0 > 0 && $0.isFinite ? $0 : nil }
    }
    return ClusteredRidgeCorrector(
      gate: ClusterGate(
        centroids: try tensor("centroids", count, inputs), temperature: temperature),
      weights: try tensor("weights", count * inputs, outputs),
      biases: try tensor("biases", count, outputs), addsInput: try addsInput(),
      normalizes: normalizes)
  }

  func textRidge() throws(CorrectorError) -> TextRidgeCorrector {
    let widths = try value("feature-widths", in: metadata) { text -> [Int]? in
      let parts = text.split(separator: ",", omittingEmptySubsequences: false).map {
        positive(String($0))
      }
      return parts.contains(nil) ? nil : parts.compactMap(\.self)
    }
    return TextRidgeCorrector(
      weight: try tensor("weight", inputs, outputs),
      featureWeight: try tensor("feature-weight", widths.reduce(0, +), outputs),
      featureWidths: widths, bias: try tensor("bias", 1, outputs).row(0),
      addsInput: try addsInput(), normalizes: normalizes)
  }

  private func addsInput() throws(CorrectorError) -> Bool {
    let addsInput = try value("adds-input", in: metadata) { Bool($0) }
    guard !addsInput || inputs == outputs else {
      throw CorrectorError(
        .damaged,
        "saved \(kind.rawValue) corrector: adds its input, but dimensions \(inputs) and "
          + "\(outputs) differ")
    }
    return addsInput
  }

  func residualMLP() throws(CorrectorError) -> ResidualMLP {
    guard inputs == outputs else {
      throw CorrectorError(
        .damaged, "saved residual-mlp corrector: dimensions \(inputs) and \(outputs) differ")
    }
    return ResidualMLP(
      parameters: try network(inputs: inputs, outputs: outputs), normalizes: normalizes)
  }

  func textMLP() throws(CorrectorError) -> TextMLPCorrector {
    let start = try textRidge()
    return TextMLPCorrector(
      start: start,
      parameters: try network(inputs: inputs + start.featureWeight.rows, outputs: outputs))
  }

  private func network(inputs: Int, outputs: Int) throws(CorrectorError) -> MLPParameters {
    let width = try value("width", in: metadata, convert: positive)
    return MLPParameters(
      w1: try tensor("w1", inputs, width), b1: try tensor("b1", 1, width),
      w2: try tensor("w2", width, outputs), b2: try tensor("b2", 1, outputs))
  }
}

private func positive(_ text: String) -> Int? { Int(text).flatMap { $0 > 0 ? $0 : nil } }

private func value<Value>(
  _ key: String, in metadata: [String: String], convert: (String) -> Value?
) throws(CorrectorError) -> Value {
  guard let text = metadata[key] else {
    throw CorrectorError(.damaged, "saved corrector: metadata has no \"\(key)\"")
  }
  guard let value = convert(text) else {
    throw CorrectorError(.damaged, "saved corrector: \"\(key)\" cannot be \"\(text)\"")
  }
  return value
}
