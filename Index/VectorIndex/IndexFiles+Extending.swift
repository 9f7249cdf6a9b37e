public import Foundation

extension IndexFiles {
  /// The share of rows beside an index that are still compared one by one rather than built into a
  /// new one.
  static let largestTail = 0.1

  /// Lets the stored index of a generation serve a later one of the same encoder: the rows that were
  /// added or changed are compared one by one. Its file is linked, not copied.
  ///
  /// - Parameters:
  ///   - former: the generation whose index is stored.
  ///   - generation: the one to serve.
  ///   - count: its number of vectors.
  ///   - changed: rows of the former generation whose vectors are others in this one.
  /// - Returns: false, and nothing is written, when a new index is to be built instead: there is no
  ///   sound former one of this encoder, it is a scan, which costs nothing to build, or more than a
  ///   tenth of the rows would be outside it.
  /// - Throws: `IndexError.io`.
  public static func extend(
    folder: URL, former: Int, to generation: Int, fingerprint: String, count: Int,
    changed: RowSet, now: Date
  ) throws(IndexError) -> Bool {
    guard let manifest = try? manifest(folder: folder, generation: former),
      manifest.fingerprint == fingerprint, count >= manifest.count,
      let shape = try? RecipeShape(parsing: manifest.recipe), shape.access != .scan
    else { return false }
    let covered = manifest.covered ?? manifest.count
    let all = RowSet((manifest.changed ?? []) + changed.rows.filter { $0 < covered })
    let tail = all.count + count - covered
    guard Double(tail) <= largestTail * Double(count) else { return false }
    let source = indexURL(folder: folder, generation: former).path
    guard FileManager.default.fileExists(atPath: source) else { return false }
    try replaceFile(indexURL(folder: folder, generation: generation).path) {
      (temporary) throws(IndexError) in
      do {
        try FileManager.default.linkItem(atPath: source, toPath: temporary)
      } catch {
        throw IndexError(.io, "cannot link \(source) to \(temporary): \(error)")
      }
    }
    let extended = IndexManifest(
      extending: manifest, to: generation, count: count, changed: all, now: now)
    try replaceFile(
      manifestURL(folder: folder, generation: generation).path, with: extended.json())
    return true
  }
}
