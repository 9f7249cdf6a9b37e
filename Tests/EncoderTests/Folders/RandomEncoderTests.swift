import Foundation
import Tensors
import TestSupport
import Testing

@testable import Encoder

@Suite("new encoders with random weights")
struct RandomEncoderTests {
  private let scratch = Result { try TemporaryFolder() }
  private let legacy = FolderFixtures.url("legacy")

  private func place(_ name: String) throws -> URL { try scratch.get().url.appending(path: name) }

  @Test("what was asked for is what is read", arguments: [
    EncoderShape(),
    EncoderShape(
      layers: 1, hidden: 1, heads: 1, intermediate: 1, maximumLength: 3, dropout: 0,
      pooling: .cls, normalizes: false),
    EncoderShape(
      layers: 3, hidden: 21, heads: 7, intermediate: 17, maximumLength: 300, dropout: 0.25,
      pooling: .weightedMean),
  ])
  func shapes(shape: EncoderShape) throws {
    let url = try place("deep/new")
    let fingerprint = try EncoderFolder.writeRandom(shape, like: legacy, seed: 5, to: url)
    let encoder = try TextEncoder(folder: url)
    #expect(encoder.fingerprint == fingerprint && encoder.isTied)
    let c = encoder.folder.configuration
    #expect(c == BERTConfiguration(
      vocabularySize: 25, hiddenSize: shape.hidden, layerCount: shape.layers,
      headCount: shape.heads, intermediateSize: shape.intermediate,
      maximumPositions: shape.maximumLength, hiddenDropout: shape.dropout,
      attentionDropout: shape.dropout))
    #expect(encoder.folder.maximumLength == shape.maximumLength)
    #expect(encoder.folder.pooling == Pooling([shape.pooling]))
    #expect(encoder.folder.normalizes == shape.normalizes && encoder.folder.prompts == [:])
    #expect(encoder.folder.similarityFunctionName == (shape.normalizes ? "cosine" : "dot"))
    let source = try TextEncoder(folder: legacy)
    #expect(encoder.tokenizeUncut("fresh water") == source.tokenizeUncut("fresh water"))
    let found = encoder.encode(["fresh water", "a", ""], as: .query).embeddings
    #expect(found.columns == shape.hidden && found.firstNonFinite() == nil)
    if shape.normalizes {
      #expect(found.rowNorms().allSatisfy { abs($0 - 1) < 1e-5 })
    }
  }

  @Test("the same seed gives the same encoder, another seed another")
  func seeds() throws {
    let shape = EncoderShape(layers: 1, hidden: 8, heads: 2, intermediate: 12)
    let fingerprints = try [7, 7, 8, 0].enumerated().map { i, seed in
      try EncoderFolder.writeRandom(shape, like: legacy, seed: seed, to: place("\(i)"))
    }
    #expect(fingerprints[0] == fingerprints[1])
    #expect(Set(fingerprints).count == 3)
    #expect(
      try Data(contentsOf: place("0").appending(path: "model.safetensors"))
        == Data(contentsOf: place("1").appending(path: "model.safetensors")))
  }

  @Test("weights are distributed as BERT's at its start")
  func statistics() throws {
    let shape = EncoderShape(layers: 2, hidden: 64, heads: 4, intermediate: 256)
    try EncoderFolder.writeRandom(shape, like: legacy, seed: 1, to: place("new"))
    let folder = try EncoderFolder(reading: place("new"))
    let tensors = try folder.canonicalTensors()
    var firsts: Set<Float> = []
    for (name, matrix) in tensors {
      let values = matrix.elements
      if name.hasSuffix("LayerNorm.weight") {
        #expect(values.allSatisfy { $0 == 1 }, "\(name)")
      } else if matrix.rows == 1 {
        #expect(values.allSatisfy { $0 == 0 }, "\(name)")
      } else {
        // Some values are the padding token's zeros.
        let drawn = name == TensorNames.wordEmbeddings ? Array(values.dropFirst(64)) : values
        expectNormal(drawn.map(Double.init), name)
        firsts.insert(drawn[0])
      }
    }
    #expect(firsts.count == tensors.values.count { $0.rows > 1 }, "each has draws of its own")
    let words = try #require(tensors[TensorNames.wordEmbeddings])
    #expect(words.row(0).allSatisfy { $0 == 0 } && words.row(1).contains { $0 != 0 })
  }

  /// Mean, deviation and tails of draws from a normal distribution of deviation 0.02, each within
  /// five standard errors.
  private func expectNormal(_ values: [Double], _ name: String) {
    let n = Double(values.count)
    let mean = values.reduce(0, +) / n
    let deviation = (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / n).squareRoot()
    #expect(abs(mean) < 5 * 0.02 / n.squareRoot(), "\(name)")
    #expect(abs(deviation - 0.02) < 5 * 0.02 / (2 * n).squareRoot(), "\(name)")
    let share = Double(values.count { abs($0) > 0.04 }) / n
    #expect(abs(share - 0.0455) < 5 * (0.0455 * 0.9545 / n).squareRoot(), "\(name): \(share)")
  }

  @Test("word embeddings are kept when asked for", arguments: ["legacy", "router", "plain"])
  func words(name: String) throws {
    let source = FolderFixtures.url(name)
    let width = name == "router" ? 10 : 12
    let shape = EncoderShape(layers: 1, hidden: width, heads: 2, intermediate: 8)
    let fingerprint = try EncoderFolder.writeRandom(
      shape, like: source, seed: 2, keepingWordEmbeddings: true, to: place("kept"))
    let kept = try TextEncoder(folder: place("kept"))
    #expect(kept.fingerprint == fingerprint)
    let original = try TextEncoder(folder: source, pooling: name == "plain" ? .mean : nil)
    #expect(kept.model.bert.wordEmbeddings == original.model.bert.wordEmbeddings)
    try EncoderFolder.writeRandom(shape, like: source, seed: 2, to: place("new"))
    let fresh = try TextEncoder(folder: place("new"))
    #expect(fresh.model.bert.wordEmbeddings != kept.model.bert.wordEmbeddings)
    for i in fresh.model.parameters.values.indices.dropFirst() {
      #expect(fresh.model.parameters.values[i] == kept.model.parameters.values[i])
    }
  }

  @Test("a folder with a tokenizer and nothing else is enough")
  func tokenizerAlone() throws {
    let folder = try place("vocabulary")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try FileManager.default.copyItem(
      at: legacy.appending(path: "vocab.txt"), to: folder.appending(path: "vocab.txt"))
    try EncoderFolder.writeRandom(like: folder, seed: 1, to: place("new"))
    #expect(try TextEncoder(folder: place("new")).dimension == 128)
    try encoderError(.missingFile) {
      try EncoderFolder.writeRandom(
        like: folder, seed: 1, keepingWordEmbeddings: true, to: place("other"))
    }
  }

  @Test("shapes that cannot be are refused by name, and nothing is left behind", arguments: [
    (EncoderShape(layers: 0), "1 layer"), (EncoderShape(hidden: 0), "hidden size"),
    (EncoderShape(heads: 3), "heads"), (EncoderShape(heads: 0), "heads"),
    (EncoderShape(intermediate: 0), "intermediate"), (EncoderShape(maximumLength: 2), "[SEP]"),
    (EncoderShape(dropout: 1), "dropout"),
  ])
  func refused(shape: EncoderShape, word: String) throws {
    let error = try encoderError(.invalidArgument) {
      try EncoderFolder.writeRandom(shape, like: legacy, seed: 1, to: place("new"))
    }
    #expect(error.message.contains(word), "\(error.message)")
    #expect(try scratch.get().contents == [])
  }

  @Test("word embeddings of another width, a taken place, and no tokenizer are refused")
  func otherRefusals() throws {
    let error = try encoderError(.invalidArgument) {
      try EncoderFolder.writeRandom(
        like: legacy, seed: 1, keepingWordEmbeddings: true, to: place("new"))
    }
    #expect(error.message.contains("width 12") && error.message.contains("is 128"))
    let taken = try place("taken")
    try FileManager.default.createDirectory(at: taken, withIntermediateDirectories: true)
    try encoderError(.alreadyExists) {
      try EncoderFolder.writeRandom(like: legacy, seed: 1, to: taken)
    }
    #expect(throws: TokenizerError.self) {
      try EncoderFolder.writeRandom(like: taken, seed: 1, to: place("new"))
    }
    try encoderError(.missingFile) {
      try EncoderFolder.writeRandom(like: place("nowhere"), seed: 1, to: place("new"))
    }
    #expect(try scratch.get().contents == ["taken"])
  }
}
