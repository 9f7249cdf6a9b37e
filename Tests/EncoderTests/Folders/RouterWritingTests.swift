import Foundation
import Tensors
import TestSupport
import Testing

@testable import Encoder

@Suite("writing encoders of two networks")
struct RouterWritingTests {
  /// Encoders to start from: tied ones of several families, and untied ones.
  static let starts = ["legacy", "modern", "roberta", "distilbert", "head", "router",
    "router-shared"]

  /// The encoder saved with other weights for queries, and what is in memory.
  static func saved(
    _ name: String, at place: URL
  ) throws -> (start: TextEncoder, query: Parameters, fingerprint: String) {
    let start = try TextEncoder(folder: FolderFixtures.url(name))
    let query = start.model(for: .query).parameters.scaling(slot: 0, by: 1.5)
    let fingerprint = try start.save(
      to: place, query: query, passage: start.model.parameters,
      card: ModelCard(title: "Two networks", data: [.init("Pairs", "7")]))
    return (start, query, fingerprint)
  }

  @Test("what is written reads the same", arguments: starts)
  func roundTrip(name: String) throws {
    let scratch = try TemporaryFolder()
    let place = scratch.url.appending(path: "new/deep")
    let (start, query, fingerprint) = try Self.saved(name, at: place)
    let read = try TextEncoder(folder: place)
    #expect(!read.isTied && read.fingerprint == fingerprint && fingerprint != start.fingerprint)
    #expect(read.model(for: .query).parameters == query)
    #expect(read.model.parameters == start.model.parameters)
    for role in TextRole.allCases {
      let (there, here) = (read.folder(for: role), start.folder(for: role))
      #expect(there.configuration == here.configuration && there.pooling == here.pooling)
      #expect(there.modules == here.modules && there.dimensions == here.dimensions)
      #expect(there.maximumLength == here.maximumLength)
      #expect(there.prompt(for: role) == here.prompt(for: role))
      #expect(read.tokenize("fresh water", as: role) == start.tokenize("fresh water", as: role))
    }
    #expect(try scratch.contents == ["new"])
    let card = try String(contentsOf: place.appending(path: "README.md"), encoding: .utf8)
    #expect(card.contains("| Fingerprint | `\(fingerprint)` |"))
    #expect(card.contains("| Networks | one for queries, one for passages |"))
    if name == "router" {
      #expect(card.contains("| Longest text | 9 tokens (queries); 20 tokens (passages) |"))
    }
  }

  @Test("an untied encoder saved as it is keeps its fingerprint; one network of it is tied",
    arguments: ["router", "router-shared"])
  func asItIs(name: String) throws {
    let scratch = try TemporaryFolder()
    let encoder = try TextEncoder(folder: FolderFixtures.url(name))
    let copy = scratch.url.appending(path: "copy")
    #expect(try encoder.save(to: copy, card: ModelCard(title: "x")) == encoder.fingerprint)
    #expect(try TextEncoder(folder: copy).fingerprint == encoder.fingerprint)
    let one = scratch.url.appending(path: "one")
    let fingerprint = try encoder.save(
      to: one, parameters: encoder.model.parameters, card: ModelCard(title: "x"))
    let tied = try TextEncoder(folder: one)
    #expect(tied.isTied && tied.fingerprint == fingerprint && fingerprint != encoder.fingerprint)
    let texts = ["fresh water", "a new index"]
    #expect(
      tied.encode(texts, as: .passage).embeddings == encoder.encode(texts, as: .passage).embeddings)
  }

  @Test("the schema is that of sentence-transformers up to 5.3")
  func schema() throws {
    let scratch = try TemporaryFolder()
    let place = scratch.url.appending(path: "new")
    _ = try Self.saved("legacy", at: place)
    let config = try JSONObject(contentsOf: place.appending(path: "router_config.json"))
    let parts = ["0_Transformer", "1_Pooling", "2_Normalize"]
    #expect(try config.object("structure")?.fields == [
      "query": .array(parts.map { .string("query_\($0)") }),
      "document": .array(parts.map { .string("document_\($0)") }),
    ])
    #expect(try config.object("types")?.string("query_1_Pooling")
      == "sentence_transformers.models.Pooling")
    #expect(try config.object("types")?.fields.count == 6)
    #expect(try config.object("parameters")?.fields == [
      "default_route": "document", "allow_empty_key": true,
    ])
    let modules = try JSONObject.value(contentsOf: place.appending(path: "modules.json"))
    #expect(modules == [.object([
      "idx": .integer(0), "name": "0", "path": "", "type": "sentence_transformers.models.Router",
    ])])
    let names = try SafetensorsFile(
      path: place.appending(path: "document_0_Transformer/model.safetensors").path).names
    #expect(names.contains("pooler.dense.bias"))
  }

  @Test("tensors that are not finite are refused for either network, and nothing is left behind",
    arguments: TextRole.allCases)
  func notFinite(role: TextRole) throws {
    let scratch = try TemporaryFolder()
    let encoder = try TextEncoder(folder: FolderFixtures.url("router"))
    var parameters = TextRole.allCases.map { encoder.model(for: $0).parameters }
    parameters[role == .query ? 0 : 1].values[1][0, 0] = .nan
    let error = try encoderError(.notFinite) {
      try encoder.save(
        to: scratch.url.appending(path: "new"), query: parameters[0], passage: parameters[1],
        card: ModelCard(title: "x"))
    }
    #expect(error.message.contains("position_embeddings"))
    #expect(try scratch.contents == [])
  }
}
