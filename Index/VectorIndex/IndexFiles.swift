public import Foundation
public import Tensors

/// The index files of a collection: `index/<generation>.faiss`, a plain FAISS file, and
/// `index/<generation>.json`, its manifest.
///
/// They are derived from the vectors: whatever happens to them, `openOrRebuild` makes them anew.
public enum IndexFiles {
  /// Where the FAISS file of a generation is; `folder` is the collection's.
  public static func indexURL(folder: URL, generation: Int) -> URL {
    folder.appendingPathComponent("index/\(generation).faiss")
  }

  /// Where the manifest of a generation is.
  public static func manifestURL(folder: URL, generation: Int) -> URL {
    folder.appendingPathComponent("index/\(generation).json")
  }

  /// Writes an index and its manifest, each beside its place, flushed, and renamed.
  ///
  /// The manifest comes last: a cut between the two leaves an index whose checksum does not fit,
  /// which `open` refuses.
  /// - Throws: `IndexError.io`.
  @discardableResult
  public static func write(
    _ index: FaissIndex, folder: URL, generation: Int, fingerprint: String, now: Date
  ) throws(IndexError) -> IndexManifest {
    let path = indexURL(folder: folder, generation: generation).path
    do {
      try FileManager.default.createDirectory(
        at: folder.appendingPathComponent("index"), withIntermediateDirectories: true)
    } catch {
      throw IndexError(.io, "cannot create \(folder.path)/index: \(error)")
    }
    var digest = (sha256: "", bytes: 0)
    try replaceFile(path) { (temporary) throws(IndexError) in
      try index.handle.save(temporary, vectors: index.vectors)
      digest = (try checksum(ofFile: temporary), try size(ofFile: temporary))
    }
    let manifest = IndexManifest(
      describing: index, sha256: digest.sha256, bytes: digest.bytes, fingerprint: fingerprint,
      generation: generation, now: now)
    try replaceFile(
      manifestURL(folder: folder, generation: generation).path, with: manifest.json())
    return manifest
  }

  /// The manifest of a stored index, without opening the index.
  ///
  /// - Throws: `IndexError.damaged` when it is missing or no manifest.
  public static func manifest(folder: URL, generation: Int) throws(IndexError) -> IndexManifest {
    try IndexManifest(readingFile: manifestURL(folder: folder, generation: generation).path)
  }

  /// Opens a stored index after verifying that it is whole and is the one asked for.
  ///
  /// - Parameters:
  ///   - fingerprint: of the encoder whose embeddings must be in it.
  ///   - expectedCount: number of vectors that must be in it.
  ///   - vectors: the generation's vectors, to attach; see `FaissIndex`. An index that was extended
  ///     needs them.
  /// - Returns: a `FaissIndex`, or an `ExtendedIndex` over one; see ``extend``.
  /// - Throws: `IndexError.damaged` naming the file and what is wrong: missing, cut, altered, of
  ///   another generation, encoder or number of vectors.
  /// - Complexity: one reading of the file for the checksum, one for FAISS.
  public static func open(
    folder: URL, generation: Int, fingerprint: String, expectedCount: Int, vectors: Matrix? = nil
  ) throws(IndexError) -> any VectorIndex {
    let manifest = try manifest(folder: folder, generation: generation)
    let about = manifestURL(folder: folder, generation: generation).path
    try expect(manifest.generation, generation, "generation", in: about)
    try expect(manifest.fingerprint, fingerprint, "encoder", in: about)
    try expect(manifest.count, expectedCount, "number of vectors", in: about)
    let path = indexURL(folder: folder, generation: generation).path
    guard FileManager.default.fileExists(atPath: path) else {
      throw IndexError(.damaged, "\(path) is missing: the index must be rebuilt")
    }
    try expect(try size(ofFile: path), manifest.bytes, "length in bytes", in: path)
    let covered = manifest.covered ?? manifest.count
    let index = try FaissIndex.load(
      from: path, sha256: manifest.sha256, vectors: vectors.map { $0[rows: 0..<covered] },
      recipe: manifest.recipe)
    try expect(index.count, covered, "number of vectors", in: path)
    try expect(index.dimension, manifest.dimension, "dimension", in: path)
    try expect(index.recipe, manifest.recipe, "recipe", in: path)
    return try extended(index.tuned(manifest.tuning), manifest, vectors, about)
  }

  /// The index with the rows that came after it, when there are any.
  private static func extended(
    _ index: FaissIndex, _ manifest: IndexManifest, _ vectors: Matrix?, _ about: String
  ) throws(IndexError) -> any VectorIndex {
    guard manifest.covered != nil else { return index }
    guard let vectors else {
      throw IndexError(
        .invalidArgument, "\(about): an extended index needs the vectors of its generation")
    }
    return try ExtendedIndex(index, changed: RowSet(manifest.changed ?? []), vectors: vectors)
  }

  private static func expect<Value: Equatable>(
    _ found: Value, _ expected: Value, _ what: String, in path: String
  ) throws(IndexError) {
    guard found != expected else { return }
    throw IndexError(
      .damaged, "\(path): its \(what) is \(found), expected is \(expected); rebuild the index")
  }

  private static func size(ofFile path: String) throws(IndexError) -> Int {
    do {
      let attributes = try FileManager.default.attributesOfItem(atPath: path)
      return (attributes[.size] as? NSNumber)?.intValue ?? 0
    } catch {
      throw IndexError(.io, "cannot read \(path): \(error)")
    }
  }
}
