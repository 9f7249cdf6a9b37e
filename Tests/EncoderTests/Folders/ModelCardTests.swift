import Foundation
import Tensors
import TestSupport
import Testing

@testable import Encoder

@Suite("model cards")
struct ModelCardTests {
  private let folder = Result { try EncoderFolder(reading: FolderFixtures.url("head")) }

  @Test("the front matter and every fact are there")
  func whole() throws {
    let card = ModelCard(
      title: "A fresh\nencoder", summary: "Made for a test.", baseModel: "org/base-1",
      baseFingerprint: "abc", tags: ["my: tag", "dense-retrieval"],
      data: [.init("Pairs", "87,599 | train")], method: "InfoNCE.",
      hyperparameters: [.init("Seed", "1")], metrics: [.init("NDCG@10", "0.5")])
    let text = card.markdown(for: try folder.get(), fingerprint: "0123")
    let start = """
      ---
      tags:
      - sentence-transformers
      - sentence-similarity
      - feature-extraction
      - dense
      - "my: tag"
      - dense-retrieval
      base_model: org/base-1
      pipeline_tag: sentence-similarity
      library_name: sentence-transformers
      ---

      # A fresh encoder

      Made for a test.

      ## Model

      | | |
      |---|---|
      | Fingerprint | `0123` |
      | Architecture | BertModel |
      | Dimensions | 5 |
      | Longest text | 20 tokens |
      | Pooling | cls, mean |
      | Unit length | yes |
      """
    #expect(text.hasPrefix(start), "\(text)")
    for line in [
      "| Trained from | org/base-1 |", "| Its fingerprint | `abc` |", "## Training data",
      "| Pairs | 87,599 \\| train |", "## Method\n\nInfoNCE.", "## Hyper-parameters",
      "| Seed | 1 |", "## Metrics", "| NDCG@10 | 0.5 |", "from sentence_transformers import",
      "encode_query([\"a question\"], normalize_embeddings=True)", "freshet encode",
    ] { #expect(text.contains(line), "\(line) in \(text)") }
    #expect(text.hasSuffix("```\n"))
  }

  @Test("parts without facts are left out, and whole embeddings need no argument")
  func empty() throws {
    let distil = try EncoderFolder(reading: FolderFixtures.url("distilbert"))
    let text = ModelCard(title: "x").markdown(for: distil, fingerprint: "0")
    for heading in ["Training data", "Method", "Hyper-parameters", "Metrics", "base_model"] {
      #expect(!text.contains(heading))
    }
    #expect(text.contains("| Unit length | no |") && !text.contains("normalize_embeddings"))
    #expect(!text.contains("\n\n\n"))
  }

  @Test("YAML strings are quoted where YAML would read something else", arguments: [
    ("org/name-1.5_x", "org/name-1.5_x"), ("yes", "\"yes\""), ("1.5", "\"1.5\""),
    ("a\"b\\c", #""a\"b\\c""#), ("two\nlines", "\"two lines\""), ("", "\"\""), ("-x", "\"-x\""),
    ("größe", "größe"),
  ])
  func quoting(name: String, expected: String) throws {
    let text = ModelCard(title: "x", baseModel: name)
      .markdown(for: try folder.get(), fingerprint: "0")
    #expect(text.contains("\nbase_model: \(expected)\n"), "\(text)")
  }

  @Test("a saved encoder states its own fingerprint, also with other weights",
    arguments: [false, true])
  func saving(changed: Bool) throws {
    let scratch = try TemporaryFolder()
    let encoder = try TextEncoder(folder: FolderFixtures.url("head"))
    var parameters = encoder.model.parameters
    if changed { parameters.values[parameters.values.count - 1].scale(by: 2) }
    let place = scratch.url.appending(path: "saved")
    let fingerprint = try encoder.save(
      to: place, parameters: changed ? parameters : nil, card: ModelCard(title: "x"))
    #expect((fingerprint == encoder.fingerprint) == !changed)
    let saved = try TextEncoder(folder: place)
    #expect(saved.fingerprint == fingerprint)
    #expect(saved.model.parameters == parameters)
    let text = try String(contentsOf: place.appending(path: "README.md"), encoding: .utf8)
    #expect(text.contains("`\(fingerprint)`"))
  }
}
