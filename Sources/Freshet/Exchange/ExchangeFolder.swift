internal import Foundation

/// The files of an export, which an import and ``VectorFolder`` read: line i of `corpus.jsonl` and
/// of `corpus.ids.txt`, row i of the vectors and number i of the index are one passage.
struct ExchangeFolder {
  let url: URL

  var passages: String { path("corpus.jsonl") }
  var ids: String { path("corpus.ids.txt") }
  var index: String { path("index.faiss") }
  func vectors(_ format: VectorFileFormat) -> String { path("corpus.\(format.rawValue)") }

  private func path(_ name: String) -> String { url.appendingPathComponent(name).path }
}
