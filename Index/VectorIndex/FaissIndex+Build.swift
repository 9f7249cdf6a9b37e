public import Tensors

extension FaissIndex {
  /// Checks that a recipe can be built over so many vectors, before anything is computed for it.
  ///
  /// - Throws: `IndexError`: `unsupportedRecipe`, `invalidArgument`, or `untrained`, as ``build``.
  public static func check(
    _ recipe: IndexRecipe, count: Int, dimension: Int
  ) throws(IndexError) {
    let shape = try resolve(recipe, count: count, dimension: dimension)
    try shape.validate(count: count, dimension: dimension)
    if case .foreign = shape.access {
      _ = try FaissHandle.create(shape, dimension: dimension, seed: 0)
    }
  }

  /// Builds an index over the rows of `vectors`; row `i` gets id `i`.
  ///
  /// The same recipe, vectors, seed and number of threads give the same index, with one exception:
  /// FAISS inserts into a graph (HNSW) in parallel without a fixed order. Left at `nil`, `threads`
  /// is therefore 1 for graphs, so that building is repeatable, and `Threads.count` for the others.
  ///
  /// - Parameters:
  ///   - vectors: `(n, d)`, finite; unit rows make inner products cosines. `n` may be 0 for recipes
  ///     that need no training.
  ///   - seed: of k-means (IVF, PQ) and of the graph's levels.
  ///   - threads: OpenMP threads; above 1, two builds of a graph differ slightly.
  ///   - progress: told the share done, 0 to 1, now and then.
  /// - Throws: `IndexError`: `unsupportedRecipe`, `invalidArgument` (NaN, infinity, dimensions that
  ///   PQ cannot divide), `untrained` (fewer vectors than centroids), `backend`, `outOfMemory`.
  public static func build(
    _ recipe: IndexRecipe, vectors: Matrix, seed: Int, threads: Int? = nil,
    progress: ((Double) -> Void)? = nil
  ) throws(IndexError) -> FaissIndex {
    let shape = try resolve(recipe, count: vectors.rows, dimension: vectors.columns)
    try shape.validate(count: vectors.rows, dimension: vectors.columns)
    guard threads.map({ $0 >= 1 }) ?? true else {
      throw IndexError(.invalidArgument, "threads must be at least 1, was \(threads ?? 0)")
    }
    try checkUsable(vectors, called: "vector")
    let handle = try FaissHandle.create(shape, dimension: vectors.columns, seed: seed)
    let plan = BuildPlan(
      vectors: vectors, threads: threads ?? shape.buildThreads,
      trains: shape.trainingNeed.vectors > 0 || !handle.isTrained)
    progress?(0)
    try plan.fill(handle, progress: progress)
    return FaissIndex(adopting: handle, vectors: vectors, foreign: shape.factoryString)
  }
}

extension RecipeShape {
  fileprivate var buildThreads: Int {
    let all = Threads.count  // also keeps OpenBLAS, which FAISS calls, single-threaded
    if case .graph = access { return 1 }
    return all
  }
}

/// How vectors get into an empty index.
private struct BuildPlan {
  let vectors: Matrix
  let threads: Int
  let trains: Bool
  let rowsPerStep: Int

  init(vectors: Matrix, threads: Int, trains: Bool) {
    self.vectors = vectors
    self.threads = threads
    self.trains = trains
    // A function of the number of vectors only, for the order of adding is part of a graph.
    rowsPerStep = max(2048, (vectors.rows + 63) / 64)
  }

  func fill(_ handle: FaissHandle, progress: ((Double) -> Void)?) throws(IndexError) {
    let afterTraining = trains ? 0.5 : 0
    if trains {
      try unsafe vectors.withUnsafeElements { (all) throws(IndexError) in
        try unsafe handle.train(all, n: vectors.rows, threads: threads)
      }
      progress?(afterTraining)
    }
    for start in stride(from: 0, to: vectors.rows, by: rowsPerStep) {
      let end = min(start + rowsPerStep, vectors.rows)
      try unsafe vectors[rows: start..<end].withUnsafeElements { (part) throws(IndexError) in
        try unsafe handle.add(part, n: end - start, threads: threads)
      }
      progress?(afterTraining + (1 - afterTraining) * Double(end) / Double(vectors.rows))
    }
  }
}
