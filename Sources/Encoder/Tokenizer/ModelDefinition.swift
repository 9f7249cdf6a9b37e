/// The model member of a `tokenizer.json`, read.
struct ModelDefinition {
  var model: TokenModel
  /// The id of each token, as added tokens and the padding token are looked up.
  var idOf: [[UInt8]: Int32]
  /// How many entries the vocabulary has; new tokens are numbered from here.
  var count: Int
  /// Canonical bytes of everything in the model that changes ids.
  var identity = CanonicalBytes()
}

extension ModelDefinition {
  /// - Throws: `TokenizerError` `.unsupported` naming a model or an option that is not known,
  ///   `.missingToken`, `.duplicateEntry`, `.damagedFile`.
  init(_ json: ExactJSON, _ file: TokenizerFile) throws {
    switch json["type"]?.text {
    case "WordPiece": try self.init(wordPiece: json, file)
    case "BPE": try self.init(bytePair: json, file)
    case "Unigram": try self.init(unigram: json, file)
    case let type: throw file.unknown("model", type)
    }
  }

  private init(wordPiece json: ExactJSON, _ file: TokenizerFile) throws {
    let words = try file.vocabulary(json)
    let unknown = json["unk_token"]?.text ?? "[UNK]"
    let prefix = Array((json["continuing_subword_prefix"]?.text ?? "##").utf8)
    let longest = json["max_input_chars_per_word"]?.integer ?? 100
    let unknownID = try Self.unknownID(unknown, words.idOf, file)
    model = .wordPiece(
      WordPieceModel(
        vocabulary: words.tokens, unknownID: unknownID, continuationPrefix: prefix,
        maximumWordLength: longest))
    (idOf, count) = (words.idOf, words.tokens.count)
    identity.append(text: "wordpiece")
    identity.append(prefix)
    identity.append(longest)
    identity.append(Int(unknownID))
    identity.append(vocabulary: words.tokens)
  }

  private init(bytePair json: ExactJSON, _ file: TokenizerFile) throws {
    if case .number(let dropout)? = json["dropout"], dropout != 0 {
      throw file.error(
        .unsupported, "model.dropout is \(dropout), which makes ids random; set it to null")
    }
    let words = try file.vocabulary(json)
    let merges = try Self.mergePairs(json, file)
    var options = BytePairModel.Options()
    if let unknown = json["unk_token"]?.text {
      options.unknownID = try Self.unknownID(unknown, words.idOf, file)
    }
    options.fusesUnknown = try file.flag(json, "fuse_unk") ?? false
    options.takesWholeTokens = try file.flag(json, "ignore_merges") ?? false
    options.continuationPrefix = Array((json["continuing_subword_prefix"]?.text ?? "").utf8)
    options.wordSuffix = Array((json["end_of_word_suffix"]?.text ?? "").utf8)
    if try file.flag(json, "byte_fallback") == true {
      options.byteIDs = ByteTokens.ids { words.idOf[$0] }
    }
    try self.init(bytePair: words.tokens, words.idOf, merges, options, file)
  }

  /// - Parameter pairs: the two halves of each merge, in the order they were learnt.
  init(
    bytePair tokens: [(token: [UInt8], id: Int32)], _ idOf: [[UInt8]: Int32],
    _ pairs: [(left: [UInt8], right: [UInt8])], _ options: BytePairModel.Options,
    _ file: TokenizerFile
  ) throws {
    let merges = try pairs.enumerated().map { rank, pair in
      let whole = pair.left + pair.right.dropFirst(options.continuationPrefix.count)
      guard let left = idOf[pair.left], let right = idOf[pair.right], let merged = idOf[whole]
      else {
        let name = String(decoding: pair.left + [0x20] + pair.right, as: UTF8.self)
        throw file.error(
          .missingToken,
          "merge \(rank + 1), \"\(name)\", has a part or a whole that is not in the vocabulary;"
            + " fetch the file again")
      }
      return BytePairModel.Merge(left: left, right: right, merged: merged)
    }
    model = .bytePair(BytePairModel(vocabulary: tokens, merges: merges, options: options))
    (self.idOf, count) = (idOf, tokens.count)
    identity.append(text: "bpe")
    identity.append(options.unknownID.map { Int($0) } ?? -1)
    identity.append(options.fusesUnknown)
    identity.append(options.takesWholeTokens)
    identity.append(options.byteIDs)
    identity.append(options.continuationPrefix)
    identity.append(options.wordSuffix)
    identity.append(merges.flatMap { [$0.left, $0.right, $0.merged] })
    identity.append(vocabulary: tokens)
  }

  /// Merges as pairs, or as text with a space between the halves.
  private static func mergePairs(
    _ json: ExactJSON, _ file: TokenizerFile
  ) throws -> [(left: [UInt8], right: [UInt8])] {
    guard let list = json["merges"]?.elements else {
      throw file.error(.damagedFile, "model.merges is not a list; fetch the file again")
    }
    var pairs: [(left: [UInt8], right: [UInt8])] = []
    pairs.reserveCapacity(list.count)
    for (index, merge) in list.enumerated() {
      switch merge {
      case .string(let text):
        if text.starts(with: "#version".utf8) { continue }
        pairs.append(try file.merge(text, "model.merges[\(index)]"))
      case .array(let halves):
        guard halves.count == 2, case .string(let left) = halves[0],
          case .string(let right) = halves[1]
        else { fallthrough }
        pairs.append((left, right))
      default:
        throw file.error(
          .damagedFile, "model.merges[\(index)] is not a pair of tokens; fetch the file again")
      }
    }
    return pairs
  }

  private init(unigram json: ExactJSON, _ file: TokenizerFile) throws {
    let vocabulary = try Self.scoredTokens(json, file)
    guard let unknownID = json["unk_id"]?.id, Int(unknownID) < vocabulary.count else {
      throw file.error(
        .missingToken, "model.unk_id is not one of the vocabulary's tokens; name one")
    }
    let spellsBytes = try file.flag(json, "byte_fallback") ?? false
    model = .unigram(
      UnigramModel(vocabulary: vocabulary, unknownID: unknownID, spellsBytes: spellsBytes))
    idOf = [:]
    idOf.reserveCapacity(vocabulary.count)
    for (id, entry) in vocabulary.enumerated() { idOf[entry.token] = Int32(id) }
    count = vocabulary.count
    identity.append(text: "unigram")
    identity.append(Int(unknownID))
    identity.append(spellsBytes)
    identity.append(vocabulary.count)
    for (token, score) in vocabulary {
      identity.append(token)
      identity.append(score)
    }
  }

  /// `model.vocab` of a Unigram model: pairs of a token and its score.
  private static func scoredTokens(
    _ json: ExactJSON, _ file: TokenizerFile
  ) throws -> [(token: [UInt8], score: Double)] {
    guard let entries = json["vocab"]?.elements else {
      throw file.error(.damagedFile, "model.vocab is not a list; fetch the file again")
    }
    return try entries.enumerated().map { id, entry in
      guard let pair = entry.elements, pair.count == 2, case .string(let token) = pair[0],
        case .number(let score) = pair[1]
      else {
        throw file.error(
          .damagedFile, "model.vocab[\(id)] is not a token with its score; fetch the file again")
      }
      return (token, score)
    }
  }

  private static func unknownID(
    _ token: String, _ idOf: [[UInt8]: Int32], _ file: TokenizerFile
  ) throws -> Int32 {
    if let id = idOf[Array(token.utf8)] { return id }
    throw file.error(
      .missingToken, "the vocabulary has no \(token); add it to model.vocab")
  }
}

extension TokenizerFile {
  /// The halves of "a b".
  func merge(_ text: [UInt8], _ name: String) throws -> (left: [UInt8], right: [UInt8]) {
    let halves = text.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
    if halves.count == 2 { return (Array(halves[0]), Array(halves[1])) }
    throw error(
      .damagedFile, "\(name) is not two tokens with a space between; fetch the file again")
  }
}
