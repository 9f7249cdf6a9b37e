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
    var random = RandomStream(seed: 0, stream: 17)
    let rows = (0..<min(300, vectors.rows)).map { _ in
      min(Int(random.uniform() * Double(vectors.rows)), vectors.rows - 1)
    }
    return vectors.gathering(rows)
  }
}
