public import ArgumentParser
import Foundation
public import Freshet

/// The collection a verb works on.
struct CollectionArgument: ParsableArguments {
  @Argument(help: "Folder of the collection.")
  var collection: String

  var url: URL { URL(fileURLWithPath: collection) }

  func open(_ precision: Precision = .float32) throws -> PassageCollection {
    try PassageCollection.open(url, precision: precision, notice: { Console.say($0) })
  }

  func openForWriting() throws -> PassageCollection {
    try PassageCollection.openForWriting(url, notice: { Console.say($0) })
  }
}

/// An encoder folder.
struct EncoderOptions: ParsableArguments {
  @Option(help: "Folder of the encoder (sentence-transformers, or plain Hugging Face).")
  var encoder: String

  @OptionGroup var details: EncoderDetails

  func load() throws -> TextEncoder { try details.load(encoder) }
}

/// What a plain Hugging Face folder does not say itself, and how an encoder is to compute.
struct EncoderDetails: ParsableArguments {
  @Option(help: "For a plain Hugging Face folder: mean, cls, max, lasttoken, …")
  var pooling: String?

  @Flag(help: "For a plain Hugging Face folder: scale embeddings to unit length.")
  var normalize = false

  @Option(help: "Keep the first dimensions only (models trained for it: Matryoshka).")
  var dimensions: Int?

  @OptionGroup var precision: PrecisionOption

  func load(_ path: String) throws -> TextEncoder {
    try loadEncoder(
      path, pooling: pooling, normalizes: normalize ? true : nil, dimensions: dimensions,
      precision.precision)
  }
}

/// What an encoder computes in.
struct PrecisionOption: ParsableArguments {
  @Option(help: "float32, or int16: faster, equal to about four digits.")
  var precision = Precision.float32
}

extension Precision: ExpressibleByArgument {}

func loadEncoder(
  _ path: String, pooling: String? = nil, normalizes: Bool? = nil, dimensions: Int? = nil,
  _ precision: Precision = .float32
) throws -> TextEncoder {
  let mode = try pooling.map { name in
    guard let mode = PoolingMode(rawValue: name) else {
      let known = PoolingMode.allCases.map(\.rawValue).joined(separator: ", ")
      throw ValidationError("--pooling: \"\(name)\" is not one of \(known).")
    }
    return mode
  }
  return try TextEncoder(
    folder: URL(fileURLWithPath: path), pooling: mode, normalizes: normalizes,
    dimensions: dimensions, precision: precision)
}

/// The limit of `--max-length`: the two special tokens and one of the text.
func requireTokens(_ length: Int?) throws {
  try require(length, atLeast: 3, "--max-length")
}

/// - Throws: `ValidationError` naming the option when its value is too small.
func require(_ value: Int?, atLeast least: Int, _ option: String) throws {
  if let value, value < least {
    throw ValidationError("\(option) must be at least \(least), was \(value).")
  }
}

/// - Throws: `ValidationError` naming the option when its value is no share.
func requireShare(_ value: Double?, _ option: String) throws {
  if let value, !(0...1).contains(value) {
    throw ValidationError("\(option) must lie in 0 to 1, was \(value).")
  }
}

/// Queries with judgements.
struct JudgedOptions: ParsableArguments {
  @Option(help: "Queries: JSON Lines {\"_id\",\"text\"} or id⇥text (.tsv); .gz too.")
  var queries: String

  @Option(help: "Judgements: BEIR (query-id, corpus-id, score) or TREC.")
  var qrels: String

  func read() throws -> JudgedQueries { try JudgedQueries(queries: queries, qrels: qrels) }
}

/// How searches are done.
struct SearchFlags: ParsableArguments {
  @Flag(help: "Compare with every passage instead of asking the index.")
  var exact = false

  @Option(help: "HNSW: breadth of the search.")
  var efSearch: Int?

  @Option(help: "IVF: lists to visit.")
  var probes: Int?

  func validate() throws {
    try require(efSearch, atLeast: 1, "--ef-search")
    try require(probes, atLeast: 1, "--probes")
  }

  var options: SearchOptions {
    SearchOptions(exact: exact, efSearch: efSearch, probes: probes)
  }
}

/// What may be found, and by what it is ranked.
struct ScopeFlags: ParsableArguments {
  @Option(
    help: """
      Find only passages this holds for, such as: lang = "en" and (year in 2010..2020 or tags in \
      ("new", "hot")). Keys of the metadata, id and title; = != < <= > >= in exists not and or.
      """,
    transform: { try PassageFilter(parsing: $0) })
  var filter: PassageFilter?

  @Flag(help: "Rank by words too: reciprocal rank fusion of the embeddings' ranks and BM25's.")
  var hybrid = false

  func apply(to options: SearchOptions) -> SearchOptions {
    var options = options
    (options.filter, options.hybrid) = (filter, hybrid)
    return options
  }
}

/// Threads of computation.
struct ThreadOptions: ParsableArguments {
  @Option(help: "Threads to compute with (default: one per core).")
  var threads: Int?

  func validate() throws { try require(threads, atLeast: 1, "--threads") }

  func apply() { if let threads { Threads.use(threads) } }
}

struct JSONFlag: ParsableArguments {
  @Flag(help: "Print one JSON object.")
  var json = false
}
