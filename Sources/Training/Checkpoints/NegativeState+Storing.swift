import Corrector
import Encoder
import Tensors

/// What sampling depends on, as a checkpoint holds it.
extension NegativeState {
  /// The facts of the metadata.
  struct Facts: Codable {
    let encodings: Int
    let corpus: String?
    let cache: String?
    let reEncodedAt: Int
    let correctorSteps: Int?
  }

  var facts: Facts {
    Facts(
      encodings: encodings, corpus: corpus, cache: cache, reEncodedAt: reEncodedAt,
      correctorSteps: corrector?.optimizer.steps)
  }

  private static let reEncodedName = "passages"

  /// The corrector, as it is and as it was applied last, Adam's moments, and embeddings of the
  /// passages that no other file has.
  var tensors: [(name: String, values: Matrix)] {
    let parts = corrector.map { corrector in
      [
        ("corrector", corrector.model.parameters), ("applied", corrector.applied),
        ("mean", corrector.optimizer.mean), ("square", corrector.optimizer.square),
      ]
    }
    let tensors = (parts ?? []).flatMap { part, parameters in
      parameters.tensors.map { (name: "\(part).\($0.name)", values: $0.values) }
    }
    return tensors + (reEncoded.map { [(name: Self.reEncodedName, values: $0)] } ?? [])
  }

  /// Takes over what a checkpoint holds; the state as it is gives names and shapes.
  ///
  /// - Parameter tensor: gives a tensor by name, and throws when it has another shape; nil extents
  ///   fit any.
  mutating func restore(
    _ facts: Facts, tensor: (_ name: String, _ shape: (rows: Int, columns: Int)?) throws -> Matrix?
  ) throws {
    (encodings, reEncodedAt) = (facts.encodings, facts.reEncodedAt)
    (corpus, cache) = (facts.corpus, facts.cache)
    reEncoded = try tensor(Self.reEncodedName, nil)
    guard var corrector else { return }
    func part(_ name: String) throws -> MLPParameters {
      let like = corrector.applied
      var found = like
      func read(_ key: String, _ old: Matrix) throws -> Matrix {
        try tensor("\(name).\(key)", (old.rows, old.columns)) ?? old
      }
      (found.w1, found.b1) = (try read("w1", like.w1), try read("b1", like.b1))
      (found.w2, found.b2) = (try read("w2", like.w2), try read("b2", like.b2))
      return found
    }
    corrector.model.parameters = try part("corrector")
    let applied = try part("applied")
    corrector.optimizer = MLPAdam(
      mean: try part("mean"), square: try part("square"), steps: facts.correctorSteps ?? 0)
    corrector.applied = applied
    self.corrector = corrector
  }
}
