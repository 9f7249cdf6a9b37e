import Foundation
import Tensors
import TestSupport
import Testing

@testable import Encoder

@Suite("fingerprints of encoders of two networks")
struct RouterFingerprintTests {
  private let router = Result { try TextEncoder(folder: FolderFixtures.url("router")) }

  @Test("the recipe is the one that Python follows")
  func recipe() throws {
    let tokenizer = Array("a tokenizer".utf8)
    let networks = try TextRole.allCases.map {
      try EncoderFolder(reading: FolderFixtures.url("router"), for: $0)
        .fingerprint(tokenizerIdentity: tokenizer)
    }
    let both = EncoderFolder.fingerprint(query: networks[0], passage: networks[1])
    #expect(both == (try RouterAnswers.read().fingerprint))
  }

  @Test("pinned, tokenizer included: collections on disk name their encoders by it")
  func pinned() throws {
    let found = try router.get().fingerprint
    #expect(
      found == "c5e6e7723ad0213567082ae63dbdf4ed0a087b767a951e607c304facdc4aac33")
  }

  @Test("what changes an embedding of either role counts", arguments: [
    ("query_0_Transformer/config.json", ["layer_norm_eps": .number(1e-6)]),
    ("document_0_Transformer/config.json", ["hidden_act": "relu"]),
    ("query_0_Transformer/tokenizer_config.json", ["model_max_length": .integer(10)]),
    ("document_0_Transformer/tokenizer_config.json", ["model_max_length": .integer(10)]),
    ("query_1_Pooling/config.json", ["include_prompt": true]),
    ("document_1_Pooling/config.json", ["pooling_mode": "max"]),
    ("query_2_Dense/config.json",
      ["activation_function": "torch.nn.modules.linear.Identity"]),
    ("config_sentence_transformers.json", ["prompts": .object(["query": "query : "])]),
  ] as [(String, [String: JSONValue])])
  func settings(file: String, changes: [String: JSONValue]) throws {
    let scratch = try TemporaryFolder()
    let model = try scratch.copy(of: "router")
    try model.edit(file, changes)
    #expect(try TextEncoder(folder: model).fingerprint != router.get().fingerprint)
  }

  @Test("weights of either network count, and which is which", arguments: TextRole.allCases)
  func weights(role: TextRole) throws {
    let encoder = try router.get()
    var parameters = Dictionary(
      uniqueKeysWithValues: TextRole.allCases.map { ($0, encoder.model(for: $0).parameters) })
    func fingerprint() throws -> String {
      encoder.fingerprint(
        query: try #require(parameters[.query]), passage: try #require(parameters[.passage]))
    }
    #expect(try fingerprint() == encoder.fingerprint)
    parameters[role]?.values[0][3, 4] = 0.5
    #expect(try fingerprint() != encoder.fingerprint)
    let tied = try TextEncoder(folder: FolderFixtures.url("legacy"))
    let (own, other) = (tied.model.parameters, tied.model.parameters.scaling(slot: 2, by: 2))
    #expect(
      tied.fingerprint(query: own, passage: other) != tied.fingerprint(query: other, passage: own))
  }

  @Test("two networks that are the same have the fingerprint of the one")
  func equalNetworks() throws {
    let scratch = try TemporaryFolder()
    let tied = try TextEncoder(folder: FolderFixtures.url("legacy"))
    let place = scratch.url.appending(path: "two")
    let parameters = tied.model.parameters
    let saved = try tied.save(
      to: place, query: parameters, passage: parameters, card: ModelCard(title: "x"))
    #expect(saved == tied.fingerprint)
    let read = try TextEncoder(folder: place)
    #expect(!read.isTied && read.fingerprint == saved)
  }
}
