import TestSupport
import Testing

@testable import Encoder

@Suite("fingerprints of what plain BERT encoders do not have")
struct FamilyFingerprintTests {
  private func fingerprint(
    of fixture: String, dimensions: Int? = nil, _ changes: [String: [String: JSONValue?]] = [:]
  ) throws -> String {
    let scratch = try TemporaryFolder()
    let model = try scratch.copy(of: fixture)
    for (file, values) in changes { try model.edit(file, values) }
    return try EncoderFolder(reading: model, dimensions: dimensions)
      .fingerprint(tokenizerIdentity: [])
  }

  @Test("dimensions, prompts in the pooling, and modules count")
  func changes() throws {
    let dense = "2_Dense/config.json"
    let identity = JSONValue.string(DenseActivation.identity.importPath)
    let found = try [
      fingerprint(of: "head"), fingerprint(of: "head", dimensions: 4),
      fingerprint(of: "head", dimensions: 8),
      fingerprint(of: "head", ["1_Pooling/config.json": ["include_prompt": true]]),
      fingerprint(of: "head", [dense: ["activation_function": identity]]),
      fingerprint(of: "head", ["1_Pooling/config.json": ["pooling_mode": ["mean", "cls"]]]),
      fingerprint(of: "roberta"),
      fingerprint(of: "roberta", ["config.json": ["pad_token_id": .integer(0)]]),
    ]
    #expect(Set(found).count == found.count)
  }

  @Test("as many dimensions as there are, and leaving out a prompt nobody has, change nothing")
  func sameness() throws {
    let prompts = "config_sentence_transformers.json"
    let whole = try fingerprint(of: "head", [prompts: ["truncate_dim": nil]])
    #expect(try fingerprint(of: "head", dimensions: 8) == whole)
    #expect(try fingerprint(of: "head", [prompts: ["truncate_dim": .integer(9)]]) == whole)
    let original = try fingerprint(of: "distilbert", [prompts: ["prompts": .object([:])]])
    #expect(
      try fingerprint(
        of: "distilbert",
        [prompts: ["prompts": .object([:])], "1_Pooling/config.json": ["include_prompt": false]])
        == original)
  }

  @Test("more dimensions than there are, or none, are refused", arguments: [0, -1, 9])
  func wrongDimensions(dimensions: Int) throws {
    let error = try encoderError(.invalidArgument) {
      _ = try EncoderFolder(reading: FolderFixtures.url("head"), dimensions: dimensions)
    }
    #expect(error.message.contains("8 dimensions") && error.message.contains("\(dimensions) were"))
  }
}
