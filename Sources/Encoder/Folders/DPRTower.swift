import Foundation

/// A tower of Dense Passage Retrieval (Karpukhin et al. 2020): a BERT whose embedding is the first
/// token's state, perhaps projected.
struct DPRTower: Sendable, Equatable {
  /// The `config.json`.
  private let json: JSONObject
  /// Columns of the embedding, nil when it is not projected.
  private let width: Int?

  /// Reads a `config.json`; nil when it describes another kind of model.
  init?(contentsOf file: URL) throws {
    json = try JSONObject(contentsOf: file)
    guard try json.string("model_type") == "dpr" else { return nil }
    width = try json.integer("projection_dim", minimum: 0).flatMap { $0 > 0 ? $0 : nil }
  }

  /// The projection as modules after the pooling.
  func modules(hiddenSize: Int) -> [HeadModule] {
    guard let width else { return [] }
    return [.dense(inputs: hiddenSize, outputs: width, bias: true, activation: .identity)]
  }

  /// Throws when there is a projection: modules of sentence-transformers do not say what becomes
  /// of it.
  func refuseProjection() throws {
    guard let width else { return }
    throw json.unsupported(
      "projection_dim", .integer(width), "it reads a projection of DPR without modules.json")
  }
}
