import Encoder
import Tensors

/// How far the encoding of a corpus, which negatives are to be sampled from, has come.
public struct CorpusProgress: Sendable, Equatable {
  /// Steps of the run done before.
  public let step: Int
  public let passages: Int, totalPassages: Int
}

/// Encodes all passages of a corpus, by whatever weights.
struct CorpusEncoder {
  let encoder: TextEncoder
  let corpus: any PassageCorpus
  let maximumLength: Int

  /// Passages whose texts are in memory together: enough batches for every thread. Larger blocks
  /// leave the allocator with pieces that stay resident through the steps.
  static var blockRows: Int { max(256, 64 * Threads.count) }

  /// The embeddings of all passages, (N, d), without dropout; nil when told to stop.
  ///
  /// - Throws: what the corpus throws.
  func embeddings(
    by model: EmbeddingModel, shouldStop: () -> Bool, progress: (_ done: Int) -> Void
  ) throws -> Matrix? {
    let count = corpus.passageCount
    let packed = PackedModel(model)
    let prompt = encoder.promptLength(for: .passage)
    var result = Matrix(rows: count, columns: model.dimension)
    for start in stride(from: 0, to: count, by: Self.blockRows) {
      if shouldStop() { return nil }
      let rows = start..<min(start + Self.blockRows, count)
      let texts = try rows.map { try corpus.passage(at: $0).text }
      let tokens = texts.concurrentMap {
        encoder.tokenize($0, as: .passage, maximumLength: maximumLength).ids
      }
      result.setRows(startingAt: start, to: packed.encode(tokens, promptLength: prompt))
      progress(rows.upperBound)
    }
    return result
  }
}
