public import Foundation
internal import Mining
internal import Store
internal import Tensors
internal import VectorIndex

extension PassageCollection {
  /// Writes passages and their vectors in files that other programs read, an import too.
  ///
  /// The folder then holds, in the order of the collection: `corpus.jsonl` (BEIR's
  /// `{"_id","title","text","metadata"}`), `corpus.ids.txt`, `corpus.npy` or `corpus.fvecs`,
  /// `corpus.lineage.jsonl` (the encoder, and what of each row was encoded or corrected), and, if
  /// asked for, `index.faiss`, whose number i is row i of the vectors. Deleted passages and those
  /// that wait for an embedding are left out.
  ///
  /// Each file appears whole or not at all, the vectors last: a folder without them is not whole. Memory: a block of rows, and the index
  /// where it has to be built for rows of other numbers.
  ///
  /// - Parameters:
  ///   - destination: a folder, made when it is not there; files of an export like this are replaced.
  ///   - shouldStop: asked between blocks.
  /// - Throws: `FreshetError`: `empty` without embeddings, `badInput` for a generation that is not
  ///   there, or a folder with files of another export; `interrupted`, also when passages changed
  ///   meanwhile; `StoreError.io` naming a file that cannot be written.
  @discardableResult
  public func export(
    to destination: URL, options: ExportOptions = ExportOptions(),
    progress: ProgressHandler? = nil, shouldStop: StopCheck = { false }
  ) throws -> ExportSummary {
    let generation = try readyGeneration(options.generation)
    let files = ExchangeFolder(url: destination)
    try make(destination)
    try files.requireNoRemains(of: options)
    let rows = (0..<generation.vectors.rows).filter { !generation.excluded.contains($0) }
    var summary = ExportSummary(
      generation: generation.record.id, encoder: generation.record.encoder, passages: rows.count,
      dimension: generation.vectors.columns, pending: try passageCount - rows.count)
    // What is there of an earlier export must not make a part of this one look whole.
    try files.removeVectors(options.vectors)
    try exportPassages(rows, to: files, progress, shouldStop)
    if options.index {
      let index = try exportedIndex(of: generation, rows, progress)
      try index.save(to: files.index)
      summary.index = index.recipe
    }
    try exportLineage(of: generation, rows, index: summary.index, to: files)
    var vectors = try VectorWriter(
      path: files.vectors(options.vectors), rows: rows.count, columns: generation.vectors.columns)
    for block in blocks(of: rows) {
      try requireNoStop(shouldStop, destination)
      try vectors.append(generation.vectors.gathering(Array(block)).elements)
    }
    try requireUnchanged(generation)
    try vectors.finish()
    return summary
  }

  private func make(_ folder: URL) throws {
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    } catch {
      throw StoreError(
        .io, "\(folder.path): the folder cannot be made: \(FreshetError.words(for: error))")
    }
  }

  private func blocks(of rows: [Int]) -> [ArraySlice<Int>] {
    stride(from: 0, to: rows.count, by: Self.rowsPerBlock).map {
      rows[$0..<min($0 + Self.rowsPerBlock, rows.count)]
    }
  }

  private func exportPassages(
    _ rows: [Int], to files: ExchangeFolder, _ progress: ProgressHandler?, _ shouldStop: StopCheck
  ) throws {
    let passages = try PartialFile(path: files.passages)
    let ids = try PartialFile(path: files.ids)
    for block in blocks(of: rows) {
      try requireNoStop(shouldStop, files.url)
      let stored = try store.passages(rows: Array(block))
      try passages.write(Data(stored.map(\.line).joined().utf8))
      try ids.write(Data(try stored.map { try $0.idLine() }.joined().utf8))
      progress?(WorkProgress(.writing, done: block.endIndex, total: rows.count))
    }
    try passages.finish()
    try ids.finish()
  }

  private func exportLineage(
    of generation: ActiveGeneration, _ rows: [Int], index: String?, to files: ExchangeFolder
  ) throws {
    let lineage = try PartialFile(path: files.lineage)
    let first = ExportLineage.Generation(
      generation: generation.record.id, encoder: generation.record.encoder,
      dimension: generation.vectors.columns, passages: rows.count, index: index)
    try lineage.write(Data(try ExportLineage.line(first).utf8))
    for block in blocks(of: rows) {
      let records = try store.embeddings(generation: generation.record.id, rows: Array(block))
      let lines = try records.map {
        try ExportLineage.line(
          ExportLineage.Row(provenance: $0.provenance, predictedError: $0.predictedError))
      }
      try lineage.write(Data(lines.joined().utf8))
    }
    try lineage.finish()
  }

  /// The generation's own index where it has the numbers of the rows, else one of its recipe.
  private func exportedIndex(
    of generation: ActiveGeneration, _ rows: [Int], _ progress: ProgressHandler?
  ) throws -> FaissIndex {
    if rows.count == generation.vectors.rows, let index = generation.index as? FaissIndex {
      return index
    }
    return try FaissIndex.build(
      recipe(of: generation.record), vectors: generation.vectors.gathering(rows), seed: 0,
      threads: Threads.count
    ) {
      progress?(
        WorkProgress(.indexing, done: Int($0 * Double(rows.count)), total: rows.count))
    }
  }

  private func requireNoStop(_ shouldStop: StopCheck, _ folder: URL) throws(FreshetError) {
    if shouldStop() {
      throw FreshetError(
        .interrupted, "stopped: the export to \(folder.path) is not whole; run it again")
    }
  }

  /// What was read before a compaction, or a change of a text, and after it does not belong together.
  private func requireUnchanged(_ generation: ActiveGeneration) throws {
    let stale = RowSet(try store.staleOrDeletedRows(generation: generation.record.id))
    guard try store.compactionCount() == generation.compactions, stale == generation.excluded
    else {
      throw FreshetError(
        .interrupted,
        "passages changed while they were exported: the export is not whole; run it again")
    }
  }
}

extension StoredPassage {
  /// A line of BEIR's JSON.
  fileprivate var line: String {
    // Where metadata has line ends, they are between its members.
    let metadata = metadata.map {
      ",\"metadata\":" + $0.split(whereSeparator: \.isNewline).joined(separator: " ")
    }
    return "{\"_id\":\(JSONText.string(id)),\"title\":\(JSONText.string(title)),"
      + "\"text\":\(JSONText.string(text))\(metadata ?? "")}\n"
  }

  /// A line of the list of ids.
  fileprivate func idLine() throws(FreshetError) -> String {
    guard !id.contains(where: \.isNewline) else {
      throw FreshetError(
        .badInput, "the id \(JSONText.string(id)) has a line end in it: a list of ids cannot hold it")
    }
    return id + "\n"
  }
}
