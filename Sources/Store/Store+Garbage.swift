import Foundation
import GRDB

extension Store {
  /// Removes what a builder that died left behind: unfinished generations, and whatever lies in
  /// `vectors/`, `index/`, `encoders/` and `correctors/` that no row names. To be called after
  /// opening, before anything is built: a generation in the making is garbage too.
  ///
  /// The rows go first, in one transaction; when this is cut short, the next call goes on.
  ///
  /// - Returns: what was removed, as lines for a person: "generation 3 (unfinished)", and paths
  ///   within the collection.
  /// - Throws: `StoreError.io` naming the file that could not be removed.
  public func collectGarbage() throws -> [String] {
    let (unfinished, kept) = try write("removing unfinished generations", visible: false) { db in
      let unfinished = try Int.fetchAll(
        db, sql: "SELECT id FROM generation WHERE state = 'building' ORDER BY id")
      try db.execute(sql: "DELETE FROM generation WHERE state = 'building'")
      return (unfinished, try namedFiles(db))
    }
    let files = try layout.parts.flatMap { part in
      try removeEntries(of: part, except: kept[part.lastPathComponent] ?? [])
    }
    return unfinished.map { "generation \($0) (unfinished)" } + files
  }

  /// What rows name, by folder.
  private func namedFiles(_ db: Database) throws -> [String: Set<String>] {
    let generations = try Int.fetchAll(db, sql: "SELECT id FROM generation")
    let encoders = try String.fetchAll(db, sql: "SELECT path FROM encoder")
    let correctors = try String.fetchAll(db, sql: "SELECT id FROM corrector")
    return [
      "vectors": Set(
        generations.map { VectorFiles.path(folder: folder, generation: $0).lastPathComponent }),
      "index": Set(generations.flatMap { ["\($0).faiss", "\($0).json"] }),
      "encoders": Set(
        encoders.filter { $0.hasPrefix("encoders/") }.map { String($0.dropFirst(9)) }),
      "correctors": Set(correctors.map { layout.corrector(id: $0).lastPathComponent }),
    ]
  }

  private func removeEntries(of part: URL, except kept: Set<String>) throws -> [String] {
    do {
      return try FileManager.default.contentsOfDirectory(atPath: part.path).sorted()
        .filter { !kept.contains($0) }
        .map { name in
          try FileManager.default.removeItem(at: part.appendingPathComponent(name))
          return "\(part.lastPathComponent)/\(name)"
        }
    } catch {
      throw StoreError(error, during: "removing leftovers", in: layout)
    }
  }
}
