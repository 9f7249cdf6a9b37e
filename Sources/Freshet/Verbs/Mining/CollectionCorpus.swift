internal import Foundation
internal import Mining
internal import Store
internal import Synchronization
internal import Tensors
internal import VectorIndex

/// The passages of a collection with the embeddings of one generation.
final class CollectionCorpus: MiningCorpus {
  let index: any VectorIndex
  let identities: PassageIdentities
  private let mined: ActiveGeneration
  private let store: Store
  /// The words of all passages, read when they are first asked for.
  private let words = Mutex<FullTextIndex?>(nil)

  /// Reads every passage once, for its identity.
  init(_ mined: ActiveGeneration, _ store: Store, exact: Bool) throws {
    self.mined = mined
    self.store = store
    index = try exact ? mined.exactIndex() : mined.index
    identities = try Self.identities(mined.vectors.rows, store)
  }

  var vectors: Matrix { mined.vectors }
  var excluded: RowSet { mined.excluded }
  var generation: Int { mined.record.id }
  var lexical: (@Sendable ([String], Int) throws -> [[Neighbor]])? { findWords }
  var name: String {
    "generation \(generation), \(vectors.rows) rows by encoder "
      + "\(mined.record.encoder.prefix(12)), index \(index.recipe)"
  }

  private func findWords(of texts: [String], depth: Int) throws -> [[Neighbor]] {
    let index = try words.withLock { words in
      let index = try words ?? store.fullTextIndex()
      words = index
      return index
    }
    let (rows, excluded) = (vectors.rows, excluded)
    return try store.words(of: texts).concurrentMap { words in
      index.bm25(words, limit: depth) { $0 < rows && !excluded.contains($0) }.map {
        Neighbor(row: $0.row, score: Float($0.score))
      }
    }
  }

  /// A compaction numbers rows anew: what was read before does not fit any more.
  func checkUnchanged() throws {
    guard try store.compactionCount() == mined.compactions else {
      throw FreshetError(
        .interrupted, "the collection was compacted while it was mined: nothing was written; "
          + "mine again")
    }
  }

  func passages(rows: [Int]) throws -> [Passage] {
    try store.passages(rows: rows).map { Passage(id: $0.id, title: $0.title, text: $0.text) }
  }

  func provenances(rows: [Int]) throws -> [Int: String] {
    Dictionary(
      try store.embeddings(generation: generation, rows: Array(Set(rows))).map {
        ($0.row, $0.provenance.rawValue)
      }, uniquingKeysWith: { first, _ in first })
  }

  private static func identities(_ rows: Int, _ store: Store) throws -> PassageIdentities {
    var identities = PassageIdentities(rows: rows)
    var next = 0
    while true {
      let block = try store.passages(from: next, limit: 1024)
      guard let last = block.last else { return identities }
      for passage in block {
        identities.add(row: passage.row, title: passage.title, text: passage.text)
      }
      next = last.row + 1
    }
  }
}

/// An index that compares with every vector.
func exactIndex(_ vectors: Matrix) throws -> any VectorIndex { try ExactIndex(vectors) }
