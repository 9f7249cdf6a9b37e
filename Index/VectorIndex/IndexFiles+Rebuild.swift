public import Foundation
public import Tensors

extension IndexFiles {
  /// Opens a stored index, or builds and stores it when that is not possible.
  ///
  /// When the built index cannot be stored (a full disk, a folder that may only be read) the search
  /// goes on with the one in memory, and `onRebuild` is told that too.
  ///
  /// - Parameters:
  ///   - vectors: the generation's vectors; what is built from, and attached to what is opened.
  ///   - recipe: with `.automatic` any stored recipe will do; another one must be the stored one.
  ///   - seed, threads: of the build, as in `FaissIndex.build`.
  ///   - stores: false for a process that only reads the collection: the index stays in memory.
  ///   - progress: of the build, 0 to 1.
  ///   - onRebuild: told in one line why the stored index was not used. Called at most twice.
  /// - Throws: `IndexError` of the build.
  public static func openOrRebuild(
    folder: URL, generation: Int, fingerprint: String, vectors: Matrix, recipe: IndexRecipe,
    seed: Int = 0, threads: Int? = nil, now: Date, stores: Bool = true,
    progress: ((Double) -> Void)? = nil, onRebuild: (String) -> Void
  ) throws(IndexError) -> any VectorIndex {
    do {
      return try openFitting(
        folder: folder, generation: generation, fingerprint: fingerprint, vectors: vectors,
        recipe: recipe)
    } catch {
      if error.code == .outOfMemory { throw error }
      onRebuild(error.message)
    }
    let index = try FaissIndex.build(
      recipe, vectors: vectors, seed: seed, threads: threads, progress: progress)
    guard stores else { return index }
    do {
      try write(
        index, folder: folder, generation: generation, fingerprint: fingerprint, now: now)
    } catch {
      onRebuild("the rebuilt index is used but could not be stored: \(error.message)")
    }
    return index
  }

  private static func openFitting(
    folder: URL, generation: Int, fingerprint: String, vectors: Matrix, recipe: IndexRecipe
  ) throws(IndexError) -> any VectorIndex {
    if case .faiss(let text) = recipe {
      let wanted = try RecipeShape(parsing: text).factoryString
      let stored = try manifest(folder: folder, generation: generation).recipe
      guard stored == wanted else {
        throw IndexError(
          .damaged,
          "\(manifestURL(folder: folder, generation: generation).path): "
            + "its recipe is \(stored), wanted is \(wanted)")
      }
    }
    return try open(
      folder: folder, generation: generation, fingerprint: fingerprint,
      expectedCount: vectors.rows, vectors: vectors)
  }
}
