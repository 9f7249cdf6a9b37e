internal import Foundation
internal import Store
internal import Tensors
internal import VectorIndex

extension PassageCollection {
  /// Builds and stores the index of a generation over its vectors. An automatic one is tuned.
  func buildIndex(
    generation id: Int, of vectors: Matrix, _ recipe: IndexRecipe, fingerprint: String,
    progress: ProgressHandler?
  ) throws {
    let built = try FaissIndex.build(
      recipe, vectors: vectors, seed: 0, threads: Threads.count
    ) {
      progress?(
        WorkProgress(.indexing, done: Int($0 * Double(vectors.rows)), total: vectors.rows))
    }
    let tuning =
      recipe == .automatic && built.recipe != "Flat"
      ? try built.tuning(queries: passagesAsQueries(vectors), target: IndexTarget()) : nil
    try IndexFiles.write(
      built.tuned(tuning), folder: folder, generation: id, fingerprint: fingerprint, now: now())
  }

  /// Stores an index that was built elsewhere over the same vectors, tuned here.
  ///
  /// - Throws: `FreshetError.badInput` when it hardly finds more of them than chance would: then it is
  ///   of other vectors, or of these in another order; `IndexError` for a file that is not served.
  func adoptIndex(
    _ file: IndexFile, generation id: Int, of vectors: Matrix, fingerprint: String
  ) throws {
    let found = try FaissIndex.load(from: file.path)
      .shareFound(rows: someRows(100, of: vectors, stream: 18), of: vectors)
    // Crude codes lose many; rows in another order are found as often as by chance.
    let chance = min(1, 10 / Double(max(vectors.rows, 1)))
    guard found >= chance + (1 - chance) / 4 else {
      throw FreshetError(
        .badInput,
        String(
          format: "%@: finds %.0f%% of the vectors under their row: it is not an index of them by "
            + "inner product, its number i being row i", file.path, 100 * found))
    }
    let index = try FaissIndex.load(
      from: file.path, vectors: vectors, recipe: file.recipe)
    let tuning = try index.tuning(queries: passagesAsQueries(vectors), target: IndexTarget())
    try IndexFiles.write(
      index.tuned(tuning), folder: folder, generation: id, fingerprint: fingerprint, now: now())
  }

  /// Lets the index of a former generation of the same encoder serve one that shares most of its
  /// vectors.
  ///
  /// - Returns: false when a new one is to be built.
  func extendIndex(
    of former: GenerationRecord, to generation: Int, _ vectors: Matrix
  ) throws -> Bool {
    let before = try mapVectors(of: former)
    guard before.rows <= vectors.rows else { return false }
    return try IndexFiles.extend(
      folder: folder, former: former.id, to: generation, fingerprint: former.encoder,
      count: vectors.rows, changed: RowSet(before.rowsDiffering(from: vectors)), now: now())
  }

  /// A sample of the passages, to tune by where there are no queries.
  func passagesAsQueries(_ vectors: Matrix) -> Matrix {
    vectors.gathering(someRows(300, of: vectors, stream: 17))
  }

  /// Up to so many rows, drawn with replacement, always the same.
  private func someRows(_ most: Int, of vectors: Matrix, stream: UInt64) -> [Int] {
    var random = RandomStream(seed: 0, stream: stream)
    return (0..<min(most, vectors.rows)).map { _ in
      min(Int(random.uniform() * Double(vectors.rows)), vectors.rows - 1)
    }
  }
}
