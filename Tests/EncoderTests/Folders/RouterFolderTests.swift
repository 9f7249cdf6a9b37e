import Foundation
import Tensors
import TestSupport
import Testing

@testable import Encoder

@Suite("folders with a network for queries and one for passages")
struct RouterFolderTests {
  static let router = FolderFixtures.url("router")

  @Test("embeddings are those of sentence-transformers",
    arguments: ["router", "router-shared"], TextRole.allCases)
  func embeddings(name: String, role: TextRole) throws {
    let expected = try RouterAnswers.read()
    let answer = try #require(expected.answers[name]).rows(as: role)
    let encoder = try TextEncoder(folder: FolderFixtures.url(name))
    #expect(!encoder.isTied)
    let found = encoder.encode(expected.texts, as: role).embeddings
    #expect(largestDifference(found.elements, answer) < 1e-5)
    let tokens = expected.texts.map { encoder.tokenize($0, as: role).ids }
    #expect(encoder.encode(tokens: tokens, as: role) == found)
  }

  @Test("each role has its own sizes, pooling, length and modules")
  func settings() throws {
    let encoder = try TextEncoder(folder: Self.router)
    let (query, passage) = (encoder.folder(for: .query), encoder.folder(for: .passage))
    #expect(query.configuration.hiddenSize == 12 && passage.configuration.hiddenSize == 10)
    #expect(query.pooling == Pooling([.mean], includesPrompt: false) && passage.pooling == .cls)
    #expect(query.maximumLength == 9 && passage.maximumLength == 20)
    #expect(query.modules.count == 2 && passage.modules == [.normalize])
    #expect(encoder.folder.weightsPath == passage.weightsPath)
    #expect(query.url == passage.url && !query.isTied && !passage.isTied)
    #expect(encoder.dimension == 10)
    #expect(encoder.model.parameters == encoder.model(for: .passage).parameters)
    #expect(encoder.model(for: .query).bert.configuration.layerCount == 2)
    let long = String(repeating: "fresh ", count: 30)
    #expect(encoder.tokenize(long, as: .query).ids.count == 9)
    #expect(encoder.tokenize(long, as: .passage).ids.count == 20)
    #expect(encoder.tokenize(long, as: .query, maximumLength: 12).ids.count == 9)
    #expect(encoder.promptLength(for: .query) == 3 && encoder.promptLength(for: .passage) == 0)
    #expect(encoder.wordMeans(of: ["fresh"], as: .query).columns == 12)
    #expect(encoder.wordMeans(of: ["fresh"], as: .passage).columns == 10)
  }

  @Test("names of classes up to 5.3 and from 5.4 on say the same", arguments: [
    "sentence_transformers.models.#", "sentence_transformers.models.#.#",
  ])
  func olderNames(pattern: String) throws {
    let scratch = try TemporaryFolder()
    let model = try scratch.copy(of: "router")
    try model.renameTypes { type in
      pattern.replacing("#", with: String(type.split(separator: ".").last ?? ""))
    }
    let encoder = try TextEncoder(folder: model)
    #expect(try encoder.fingerprint == TextEncoder(folder: Self.router).fingerprint)
  }

  @Test("a Router in a folder of its own, named as before 5.0")
  func asym() throws {
    let scratch = try TemporaryFolder()
    let model = try scratch.copy(of: "router")
    let inner = model.appending(path: "0_Asym")
    try FileManager.default.createDirectory(at: inner, withIntermediateDirectories: true)
    let files = FileManager.default
    for name in try files.contentsOfDirectory(atPath: model.path)
    where name.hasPrefix("query_") || name.hasPrefix("document_") {
      try files.moveItem(at: model.appending(path: name), to: inner.appending(path: name))
    }
    try files.moveItem(
      at: model.appending(path: "router_config.json"), to: inner.appending(path: "config.json"))
    try model.editModule(0, ["path": "0_Asym", "type": "sentence_transformers.models.Asym"])
    let encoder = try TextEncoder(folder: model)
    #expect(try encoder.fingerprint == TextEncoder(folder: Self.router).fingerprint)
  }

  @Test("tokenizers may differ")
  func tokenizers() throws {
    let scratch = try TemporaryFolder()
    let model = try scratch.copy(of: "router")
    let route = model.appending(path: "document_0_Transformer")
    try route.remove("tokenizer.json")
    let words = try String(contentsOf: FolderFixtures.url("legacy/vocab.txt"), encoding: .utf8)
    try route.replace("vocab.txt", by: words.replacing("stream\n", with: "brook\n"))
    let encoder = try TextEncoder(folder: model)
    #expect(encoder.tokenize("stream", as: .passage).ids.contains(1))
    #expect(!encoder.tokenize("stream", as: .query).ids.contains(1))
    #expect(encoder.tokenizeUncut("stream", as: .query) != encoder.tokenizeUncut("stream"))
    let original = try TextEncoder(folder: Self.router)
    #expect(encoder.fingerprint != original.fingerprint)
    #expect(
      encoder.encode(["a stream"], as: .query).embeddings
        == original.encode(["a stream"], as: .query).embeddings)
  }

  @Test("routes through the same modules are one network, and its memory is taken once")
  func tied() throws {
    let scratch = try TemporaryFolder()
    let model = try scratch.copy(of: "router-shared")
    let modules: [JSONValue] = ["query_0_Transformer", "query_1_Pooling", "query_2_Dense"]
    try model.editRoute("document", modules)
    let encoder = try TextEncoder(folder: model)
    #expect(encoder.isTied && encoder.folder.isTied)
    let roles = TextRole.allCases.map { encoder.model(for: $0).parameters.values[0] }
    #expect(roles[0].sharesMemory(with: roles[1]))
    // The same modules without a Router.
    let place = scratch.url.appending(path: "plain")
    let saved = try encoder.save(to: place, card: ModelCard(title: "x"))
    #expect(!EncoderFolder.exists(place.appending(path: "router_config.json")))
    #expect(saved == encoder.fingerprint)
    #expect(try TextEncoder(folder: place).fingerprint == saved)
  }

  @Test("the dimensions asked for are kept of both networks", arguments: [1, 4, 7])
  func dimensions(kept: Int) throws {
    let texts = ["fresh water", "a"]
    let name = FolderFixtures.url("router-shared")
    let (whole, cut) = (
      try TextEncoder(folder: name), try TextEncoder(folder: name, dimensions: kept)
    )
    for role in TextRole.allCases {
      let (all, some) = (
        whole.encode(texts, as: role).embeddings, cut.encode(texts, as: role).embeddings
      )
      #expect(some.columns == kept)
      for i in texts.indices { #expect(Array(all.row(i).prefix(kept)) == some.row(i)) }
    }
    #expect((whole.fingerprint == cut.fingerprint) == (kept == 7))
  }
}
