public import Foundation

/// Where tokenizers are read from.
public enum Tokenizers {
  /// Reads the tokenizer of a model's folder: `tokenizer.json`; or without one `vocab.txt` (BERT,
  /// MPNet) or `vocab.json` with `merges.txt` (RoBERTa), each with `tokenizer_config.json`.
  ///
  /// Lengths and padding that a `tokenizer.json` holds are not used: those are the caller's.
  /// - Throws: `TokenizerError` when no such file is there, when one is damaged, when it has a
  ///   part that is not known, and when tokens are missing or stand twice.
  public static func read(folder: URL) throws(TokenizerError) -> any Tokenizer {
    do {
      return try tokenizer(folder)
    } catch let error as TokenizerError {
      throw error
    } catch {
      throw TokenizerError(
        .damagedFile, "\(folder.path): \(error.localizedDescription); fetch the folder again")
    }
  }

  private static func tokenizer(_ folder: URL) throws -> any Tokenizer {
    let configuration = try TokenizerFile(folder.appendingPathComponent("tokenizer_config.json"))
    if let file = try TokenizerFile(folder.appendingPathComponent("tokenizer.json")) {
      return try tokenizer(file, configuration)
    }
    let vocabulary = try TokenizerFile(folder.appendingPathComponent("vocab.json"))
    let merges = try TokenizerFile(folder.appendingPathComponent("merges.txt"))
    if let vocabulary, let merges {
      return try PipelineTokenizer(
        PipelineDefinition(roberta: vocabulary, merges: merges, configuration))
    }
    let words = folder.appendingPathComponent("vocab.txt")
    if !FileManager.default.fileExists(atPath: words.path) {
      try refuseSentencePiece(folder)
    }
    return try WordPieceTokenizer(folder: folder)
  }

  private static func tokenizer(
    _ file: TokenizerFile, _ configuration: TokenizerFile?
  ) throws -> any Tokenizer {
    let json = try file.json()
    let isPipeline =
      json["model"]?["type"].map { $0.text != "WordPiece" } ?? false
      || json["normalizer"]?["type"]?.text != "BertNormalizer"
      || json["pre_tokenizer"]?["type"]?.text != "BertPreTokenizer"
      || SpecialTokens.isSequence(json["post_processor"])
    if case .object = json, json["model"]?["type"] != nil, isPipeline {
      return try PipelineTokenizer(
        PipelineDefinition(tokenizerJSON: file, json, configuration: configuration))
    }
    return try WordPieceTokenizer(
      WordPieceDefinition(tokenizerJSON: file, json, configuration: configuration))
  }

  /// A SentencePiece model alone: what it takes to read it.
  private static func refuseSentencePiece(_ folder: URL) throws {
    let names = ["sentencepiece.bpe.model", "spiece.model", "tokenizer.model"]
    for name in names {
      let file = folder.appendingPathComponent(name)
      guard FileManager.default.fileExists(atPath: file.path) else { continue }
      throw TokenizerError(
        .unsupported,
        "\(file.path): a SentencePiece model is read through tokenizer.json; write one with"
          + " python3 -c \"from transformers import AutoTokenizer as T;"
          + " T.from_pretrained('\(folder.path)').save_pretrained('\(folder.path)')\"")
    }
  }
}
