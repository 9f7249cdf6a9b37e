import ArgumentParser
import Foundation
import Freshet

struct BenchIndex: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure how fast an index finds, and how much of the truth.",
    discussion: """
      Builds each index over the vectors (or reads one that --save wrote), asks the queries one by \
      one on one thread and all at once on --threads, and compares the answers with exact search. \
      A time is the best of --rounds.

      Example: freshet bench-index corpus.npy --queries queries.npy --recipe HNSW32 \\
                 --ef-search 64 --ef-search 128
      """)

  @Argument(help: "File of the vectors (.npy or .fvecs), a row each; inner product is the measure.")
  var vectors: String
  @Option(help: "File of the queries.")
  var queries: String
  @Option(help: "Index: auto, or a FAISS factory string. May be repeated.")
  var recipe: [String] = ["auto"]
  @Option(name: .shortAndLong, help: "Neighbours per query.")
  var k = 10
  @Option(help: "HNSW: breadth of the search. May be repeated.")
  var efSearch: [Int] = []
  @Option(help: "IVF: lists to visit. May be repeated.")
  var probes: [Int] = []
  @Option(help: "Queries that are also asked one by one.")
  var singles = 1000
  @Option(help: "Times that everything is asked.")
  var rounds = 3
  @Option(help: "FAISS file to write the index to, with one --recipe; read when it is there.")
  var save: String?
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var output: JSONFlag

  func validate() throws {
    for (value, name) in [(k, "-k"), (singles, "--singles"), (rounds, "--rounds")] {
      try require(value, atLeast: 1, name)
    }
    for value in efSearch { try require(value, atLeast: 1, "--ef-search") }
    for value in probes { try require(value, atLeast: 1, "--probes") }
    guard save == nil || recipe.count == 1 else {
      throw ValidationError("--save keeps one index: give one --recipe.")
    }
  }

  func run() throws {
    threads.apply()
    let (vectors, asked) = try (VectorFile(path: vectors).all(), VectorFile(path: queries).all())
    let exact = try ExactIndex(vectors)
    let truth = try exact.search(asked, k: k)
    for recipe in recipe {
      let index = try index(IndexRecipe(parsing: recipe), vectors)
      for parameters in settings(index.recipe) {
        try show(
          index.measure(
            asked, truth: truth, k: k, parameters: parameters, singles: singles, rounds: rounds,
            clock: ContinuousClock()))
      }
    }
  }

  /// The breadths or numbers of lists that are asked for and mean something to an index; else what
  /// it does by itself.
  private func settings(_ recipe: String) -> [SearchParameters] {
    let breadths = recipe.hasPrefix("HNSW") ? efSearch : []
    let lists = recipe.hasPrefix("IVF") ? probes : []
    let given =
      breadths.map { SearchParameters(efSearch: $0) } + lists.map { SearchParameters(probes: $0) }
    return given.isEmpty ? [SearchParameters()] : given
  }

  private func index(_ recipe: IndexRecipe, _ vectors: Matrix) throws -> any VectorIndex {
    if let save, FileManager.default.fileExists(atPath: save) {
      return try FaissIndex.load(from: save, vectors: vectors)
    }
    let clock = ContinuousClock(), start = clock.now
    let index = try FaissIndex.build(
      recipe, vectors: vectors, seed: 0, threads: Threads.count,
      progress: { Console.progress(WorkProgress(.indexing, done: Int($0 * 1000), total: 1000)) })
    let built = Built(
      recipe: index.recipe, threads: Threads.count, buildSeconds: (clock.now - start) / .seconds(1),
      peakBytes: ProcessUsage.peakBytes)
    try show(built)
    if let save { try index.save(to: save) }
    return index
  }

  private struct Built: Encodable {
    var recipe: String, threads: Int, buildSeconds: Double, peakBytes: Int
  }

  private func show(_ built: Built) throws {
    if output.json { return try printJSON(built) }
    print(String(format: "%@ built in %.1f s on %d threads", built.recipe, built.buildSeconds, built.threads))
  }

  private func show(_ measured: IndexMeasurement) throws {
    if output.json { return try printJSON(measured) }
    let setting =
      measured.efSearch.map { "efSearch \($0)" } ?? measured.probes.map { "probes \($0)" } ?? ""
    print(
      String(
        format: "%@ %@: recall@%d %.4f, %.3f ms (p99 %.3f) alone, %.0f queries/s on %d threads",
        measured.recipe, setting, measured.k, measured.recall, measured.medianMilliseconds,
        measured.p99Milliseconds, measured.queriesPerSecond, measured.threads))
  }
}
