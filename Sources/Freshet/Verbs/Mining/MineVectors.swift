public import Foundation
public import Mining
internal import Tensors

/// Mines hard negatives among vectors made elsewhere, exactly, and writes them to a file.
///
/// Memory: the corpus' vectors where the file can be mapped as much as the system keeps of it, 53
/// bytes a passage, the queries' texts and judgements, and a batch.
/// - Parameters:
///   - folder: vectors, texts and judgements.
///   - options: of these `generation` must be nil and lexical negatives none; `search` is not used.
///   - file: replaced when it exists; appears whole or not at all.
///   - shouldStop: asked between batches; when it says so, nothing is written.
/// - Returns: what the rules did.
/// - Throws: as ``PassageCollection/mine(_:options:to:progress:shouldStop:)``.
@discardableResult
public func mineVectors(
  _ folder: VectorFolder, options: MiningOptions = MiningOptions(), to file: URL,
  progress: ProgressHandler? = nil, shouldStop: @escaping StopCheck = { false }
) throws -> MiningReport {
  try options.check()
  guard options.generation == nil else {
    throw FreshetError(.badInput, "a folder of vectors has no generations")
  }
  guard
    folder.hasTexts
      || !(options.format.needsTexts || options.candidates != nil || options.answers != nil)
  else {
    throw FreshetError(
      .badInput,
      "there are ids without texts: the format \(options.format.rawValue), candidates and answers "
        + "need corpus.jsonl and queries.jsonl")
  }
  return try MiningRun(
    corpus: folder.corpus, queries: folder.queries, qrels: folder.qrels, rows: folder.rows,
    options: options,
    embed: { try folder.vectors.gathering(Array(folder.queryRows[$0])) },
    progress: progress, shouldStop: shouldStop
  ).mine(to: file)
}
