internal import Foundation
internal import Store

/// The files of an export, which an import and ``VectorFolder`` read: line i of `corpus.jsonl` and
/// of `corpus.ids.txt`, row i of the vectors and number i of the index are one passage, and line i + 1
/// of `corpus.lineage.jsonl` says how the vector was made.
struct ExchangeFolder {
  let url: URL

  var passages: String { path("corpus.jsonl") }
  var ids: String { path("corpus.ids.txt") }
  var lineage: String { path("corpus.lineage.jsonl") }
  var index: String { path("index.faiss") }
  func vectors(_ format: VectorFileFormat) -> String { path("corpus.\(format.rawValue)") }

  /// What an export with these options would leave there of an earlier one, an import would take for
  /// a part of it.
  ///
  /// - Throws: `FreshetError.badInput` naming such a file.
  func requireNoRemains(of options: ExportOptions) throws(FreshetError) {
    var others = VectorFileFormat.allCases.filter { $0 != options.vectors }.map(vectors)
    if !options.index { others.append(index) }
    if let file = others.first(where: FileManager.default.fileExists) {
      throw FreshetError(
        .badInput,
        "\(file) is of another export: remove it, or name another folder")
    }
  }

  /// Takes the vectors of an earlier export away.
  ///
  /// - Throws: `StoreError.io` naming the file.
  func removeVectors(_ format: VectorFileFormat) throws {
    let file = vectors(format)
    guard FileManager.default.fileExists(atPath: file) else { return }
    do {
      try FileManager.default.removeItem(atPath: file)
    } catch {
      throw StoreError(
        .io, "\(file): cannot be replaced: \(FreshetError.words(for: error))")
    }
  }

  private func path(_ name: String) -> String { url.appendingPathComponent(name).path }
}
