import Foundation
import Tensors
import TestSupport
import Testing

@testable import Encoder

/// What sentence-transformers answers with the folders of tools/fixtures/family_folders.py.
private struct FamilyAnswers: Decodable {
  struct Answer: Decodable {
    let query: [[Float]]
    let passage: [[Float]]
    /// Ids of each text, uncut, without a prompt.
    let tokens: [[Int32]]
    /// Embeddings of the odd texts as queries, where Freshet has the tokenizer.
    let odd: [[Float]]?
  }
  struct Repeated: Decodable {
    let piece: String
    let times: Int
  }
  let texts: [String]
  let odd: [Repeated]
  let answers: [String: Answer]

  static func read() throws -> FamilyAnswers {
    try JSONDecoder().decode(
      FamilyAnswers.self, from: Data(contentsOf: FolderFixtures.url("family_embeddings.json")))
  }
}

@Suite("folders of every family")
struct FamilyFolderTests {
  static let all = ["roberta", "distilbert", "mpnet", "head", "sharded"]

  @Test("embeddings are those of sentence-transformers",
    arguments: all)
  func embeddings(name: String) throws {
    let expected = try FamilyAnswers.read()
    let answer = try #require(expected.answers[name])
    let encoder = try TextEncoder(folder: FolderFixtures.url(name))
    for (role, rows) in [(TextRole.query, answer.query), (.passage, answer.passage)] {
      let found = encoder.encode(expected.texts, as: role).embeddings
      #expect(largestDifference(found.elements, rows.flatMap { $0 }) < 1e-5, "\(role)")
    }
  }

  @Test("embeddings of empty, blank, single and endless texts are those of sentence-transformers",
    arguments: ["distilbert", "head", "sharded"])
  func oddTexts(name: String) throws {
    let expected = try FamilyAnswers.read()
    let rows = try #require(expected.answers[name]?.odd)
    let texts = expected.odd.map { String(repeating: $0.piece, count: $0.times) }
    let found = try TextEncoder(folder: FolderFixtures.url(name)).encode(texts, as: .query)
    for (i, row) in rows.enumerated() {
      #expect(largestDifference(found.embeddings.row(i), row) < 1e-5, "text \(i)")
    }
    #expect(found.embeddings.rows == rows.count)
  }

  @Test("embeddings of given ids are those of sentence-transformers",
    arguments: ["roberta", "mpnet"])
  func embeddingsOfTokens(name: String) throws {
    let answer = try #require(try FamilyAnswers.read().answers[name])
    let folder = try EncoderFolder(reading: FolderFixtures.url(name))
    #expect(folder.maximumLength == 20)
    let model = try EmbeddingModel(
      folder.configuration, pooling: folder.pooling, modules: folder.modules,
      tensors: folder.canonicalTensors())
    let cut = answer.tokens.map { ids in
      ids.count > 20 ? Array(ids.prefix(19)) + ids.suffix(1) : ids
    }
    let found = model.forward(PackedTokens(cut))
    #expect(largestDifference(found.elements, answer.passage.flatMap { $0 }) < 1e-5)
  }

  @Test("configurations", arguments: [
    ("roberta", TransformerFamily.roberta, 2, 22, 1, 0, 1),
    ("mpnet", .mpnet, 2, 22, 0, 32, 1), ("distilbert", .distilBERT, 0, 24, 0, 0, 0),
    ("head", .bert, 0, 24, 2, 0, 0),
  ])
  func configuration(
    name: String, family: TransformerFamily, first: Int, longest: Int, types: Int, buckets: Int,
    padding: Int
  ) throws {
    let c = try EncoderFolder(reading: FolderFixtures.url(name)).configuration
    #expect(c.family == family && c.firstPosition == first && c.longestSequence == longest)
    #expect(c.typeVocabularySize == types && c.relativeBuckets == buckets)
    #expect(c.paddingTokenID == padding && c.hiddenSize == 12 && c.layerCount == 2)
    #expect(c.headCount == 3 && c.intermediateSize == 20 && c.activation == .gelu)
  }

  @Test("types that are another family's by name", arguments: [
    ("roberta", "xlm-roberta", TransformerFamily.xlmRoberta),
    ("roberta", "camembert", .camembert), ("head", "electra", .bert),
  ])
  func otherTypes(fixture: String, type: String, expected: TransformerFamily) throws {
    let scratch = try TemporaryFolder()
    let model = try scratch.copy(of: fixture)
    let before = try EncoderFolder(reading: model).fingerprint(tokenizerIdentity: [])
    try model.edit("config.json", ["model_type": .string(type)])
    let folder = try EncoderFolder(reading: model)
    #expect(folder.configuration.family == expected)
    #expect(try folder.fingerprint(tokenizerIdentity: []) == before)
  }

  @Test("what is written reads the same and has the same fingerprint", arguments: all)
  func roundTrip(name: String) throws {
    let scratch = try TemporaryFolder()
    let source = try EncoderFolder(reading: FolderFixtures.url(name))
    let values = try source.canonicalTensors()
    let tensors = try source.expectedTensors.map {
      ($0.name, $0.shape, try #require(values[$0.name]))
    }
    let place = scratch.url.appending(path: "new")
    try source.write(to: place, tensors: tensors, modelCard: "")
    let written = try EncoderFolder(reading: place)
    #expect(written.configuration == source.configuration)
    #expect(written.pooling == source.pooling && written.modules == source.modules)
    #expect(written.dimensions == source.dimensions && written.dimension == source.dimension)
    #expect(try written.canonicalTensors() == values)
    let fingerprint = try source.fingerprint(tokenizerIdentity: [7])
    #expect(try written.fingerprint(tokenizerIdentity: [7]) == fingerprint)
    #expect(source.fingerprint(tokenizerIdentity: [7], tensors: tensors.reversed()) == fingerprint)
  }

  @Test("a projection of DPR becomes a Dense module", arguments: ["dpr-context", "dpr-question"])
  func projection(name: String) throws {
    let fixture = try FamilyFixture(name)
    #expect(fixture.folder.pooling == .cls)
    let place = fixture.scratch.url.appending(path: "new")
    try fixture.folder.write(
      to: place, tensors: fixture.model.parameters.fileTensors(), modelCard: "")
    let written = try EncoderFolder(reading: place)
    #expect(written.modules == fixture.folder.modules)
    #expect(written.modules.count == (name == "dpr-context" ? 1 : 0))
    let model = try EmbeddingModel(
      written.configuration, pooling: written.pooling, modules: written.modules,
      tensors: written.canonicalTensors())
    #expect(model.forward(fixture.tokens) == fixture.model.forward(fixture.tokens))
    try place.edit("config.json", ["model_type": "dpr", "projection_dim": .integer(10)])
    let error = try encoderError(.unsupported) { _ = try EncoderFolder(reading: place) }
    #expect(error.message.contains("projection_dim"))
  }

  @Test("prompts are written under the names that sentence-transformers looks for", arguments: [
    (["query": "q: ", "passage": "p: "], nil,
      ["query": "q: ", "passage": "p: ", "document": "p: "]),
    (["x": "x: "], "x", ["x": "x: ", "query": "x: ", "document": "x: "]),
    (["query": "q: "], nil, ["query": "q: "]), ([:], nil, [:]),
  ] as [([String: String], String?, [String: String])])
  func prompts(
    prompts: [String: String], standard: String?, expected: [String: String]
  ) throws {
    let scratch = try TemporaryFolder()
    let model = try scratch.copy(of: "sharded")
    try JSONValue.object([
      "prompts": .object(prompts.mapValues { .string($0) }),
      "default_prompt_name": standard.map { .string($0) } ?? .null,
    ]).text().write(to: model.appending(path: "config_sentence_transformers.json"))
    let source = try EncoderFolder(reading: model)
    let values = try source.canonicalTensors()
    let place = scratch.url.appending(path: "new")
    try source.write(
      to: place,
      tensors: source.expectedTensors.map { ($0.name, $0.shape, try #require(values[$0.name])) },
      modelCard: "")
    let written = try EncoderFolder(reading: place)
    #expect(written.prompts == expected)
    for role in TextRole.allCases { #expect(written.prompt(for: role) == source.prompt(for: role)) }
  }
}

/// A python3 with sentence-transformers, when the environment names one.
private let python = ProcessInfo.processInfo.environment["FRESHET_PYTHON"]

@Suite("folders that Python reads", .serialized, .enabled(
  if: python != nil, "needs FRESHET_PYTHON: a python3 with sentence-transformers"))
struct PythonFolderTests {
  @Test("what is written answers as the original", arguments: [
    ("roberta", .passage), ("distilbert", .query), ("mpnet", .passage), ("head", .query),
    ("head", .passage), ("sharded", .passage), ("legacy", .query),
  ] as [(String, TextRole)])
  func sameAnswers(name: String, role: TextRole) throws {
    let scratch = try TemporaryFolder()
    let source = try EncoderFolder(reading: FolderFixtures.url(name))
    let values = try source.canonicalTensors()
    let place = scratch.url.appending(path: "new")
    try source.write(
      to: place,
      tensors: source.expectedTensors.map { ($0.name, $0.shape, try #require(values[$0.name])) },
      modelCard: "")
    let root = fixtures.deletingLastPathComponent().deletingLastPathComponent()
    let check = Process()
    check.executableURL = URL(fileURLWithPath: try #require(python))
    check.arguments = [
      root.appending(path: "tools/check-saved-encoder").path, place.path,
      FolderFixtures.url(name).path, "--as", role.rawValue, "--tolerance", "1e-6",
    ]
    let output = Pipe()
    check.standardOutput = output
    try check.run()
    let text = String(
      decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    check.waitUntilExit()
    #expect(check.terminationStatus == 0, "\(text)")
    #expect(text.contains("largest difference"))
  }
}
