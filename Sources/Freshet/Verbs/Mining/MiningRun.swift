internal import Evaluation
internal import Foundation
internal import Mining
internal import Tensors
internal import VectorIndex

/// One mining from end to end: encode a batch, search, sift, write, forget it.
struct MiningRun {
  let corpus: any MiningCorpus
  let queries: [Query]
  let qrels: Qrels
  /// Rows of the judged passages.
  let rows: [String: Int]
  let options: MiningOptions
  /// Embeddings of the queries at those places.
  let embed: (Range<Int>) throws -> Matrix
  let progress: ProgressHandler?
  let shouldStop: StopCheck

  /// - Returns: what the rules did.
  /// - Throws: `FreshetError.interrupted`; what reading, searching and writing throw. Nothing is
  ///   left half-written.
  func mine(to file: URL) throws -> MiningReport {
    let cache = PassageCache(of: corpus)
    var miner = try HardNegativeMiner(
      in: ground(cache), rules: options.rules, keepsCandidates: options.candidates != nil,
      examples: examplePlaces)
    let written = try writeMined(
      to: file, format: options.format, scores: options.scores, negatives: options.rules.wanted
    ) { write in
      guard let pairs = options.candidates else {
        return try mine(&miner, cache, write) { _, _, _ in }
      }
      _ = try writeCandidatePairs(to: pairs) { try mine(&miner, cache, write, $0) }
    }
    var report = miner.report
    report.written = written
    report.ground = corpus.name
    try complete(&report.examples, cache)
    return report
  }

  private func ground(_ cache: PassageCache) -> MiningGround {
    let (corpus, queries) = (corpus, queries)
    let identities = corpus.identities
    var ground = MiningGround(
      passageEmbeddings: corpus.vectors, index: corpus.index,
      parameters: SearchParameters(
        efSearch: options.search.efSearch, probes: options.search.probes,
        excludedRows: corpus.excluded, threads: options.search.threads),
      identity: { identities[$0] })
    if let lexical = corpus.lexical {
      ground.lexical = { places, depth in try lexical(queries[places].map(\.text), depth) }
    }
    if let answers = options.answers {
      ground.holdsAnswer = AnswerChecks(queries, answers, cache).holdsAnswer
    }
    if let scores = options.crossScores {
      ground.crossScore = { query, row in
        scores.score(query: query, passage: try cache.passage(row).id)
      }
    }
    return ground
  }

  /// Queries that are spread over all.
  private var examplePlaces: Set<Int> {
    let count = min(options.examples, queries.count)
    return Set((0..<count).map { $0 * queries.count / count })
  }

  private typealias Write = ([MinedRecord]) throws -> Void
  private typealias WritePairs = (String, String, [MinedRecord.Passage]) throws -> Void

  private func mine(
    _ miner: inout HardNegativeMiner, _ cache: PassageCache, _ write: Write,
    _ writePairs: WritePairs
  ) throws {
    progress?(WorkProgress(.mining, done: 0, total: queries.count))
    for start in stride(from: 0, to: queries.count, by: options.batch) {
      if shouldStop() { throw FreshetError(.interrupted, "stopped: nothing was written") }
      let places = start..<min(start + options.batch, queries.count)
      let batch = places.map(miningQuery)
      let mined = try miner.mine(batch, embeddings: embed(places))
      try self.write(mined, batch, cache, write, writePairs)
      try corpus.checkUnchanged()
      progress?(WorkProgress(.mining, done: places.upperBound, total: queries.count))
    }
  }

  private func miningQuery(_ place: Int) -> MiningQuery {
    let query = queries[place]
    return MiningQuery(
      id: query.id, textKey: query.text.isEmpty ? nil : TextKey(of: query.text),
      positives: qrels.relevant(to: query.id).compactMap { rows[$0] }.sorted())
  }

  private func write(
    _ mined: [MinedQuery], _ batch: [MiningQuery], _ cache: PassageCache, _ write: Write,
    _ writePairs: WritePairs
  ) throws {
    let needed = zip(mined, batch).flatMap { mined, query in
      query.positives + (mined.negatives + mined.candidates).map(\.row)
    }
    try cache.load(needed)
    let provenances =
      options.format == .freshet
      ? try corpus.provenances(rows: mined.flatMap { $0.negatives.map(\.row) }) : [:]
    func passage(_ row: Int, _ score: Float) throws -> MinedRecord.Passage {
      let passage = try cache.passage(row)
      return MinedRecord.Passage(
        id: passage.id, title: passage.title, text: passage.text, score: score,
        provenance: provenances[row] ?? "encoded")
    }
    var records: [MinedRecord] = []
    for (mined, query) in zip(mined, batch) where !mined.positiveScores.isEmpty {
      let positives = try zip(query.positives, mined.positiveScores).map { try passage($0, $1) }
      let text = queries[mined.query].text
      let candidates = mined.candidates.filter { !$0.isPositive }
      try writePairs(
        query.id, text, positives + candidates.map { try passage($0.row, $0.score) })
      if mined.isDropped { continue }
      try records.append(
        MinedRecord(
          queryID: query.id, query: text,
          answers: options.answers?.of(queries[mined.query]) ?? [], generation: corpus.generation,
          positives: positives,
          negatives: mined.negatives.map { (try passage($0.row, $0.score), $0) }))
    }
    try write(records)
  }

  /// Puts ids and the beginnings of texts into the examples.
  private func complete(_ examples: inout [MiningExample], _ cache: PassageCache) throws {
    let texts = Dictionary(queries.map { ($0.id, $0.text) }) { first, _ in first }
    func complete(_ passages: inout [MiningExample.Passage]) throws {
      for i in passages.indices {
        let passage = try cache.passage(passages[i].row)
        passages[i].id = passage.id
        passages[i].text = String(passage.embeddedText.prefix(160))
      }
    }
    for i in examples.indices {
      examples[i].text = texts[examples[i].query]
      try complete(&examples[i].positives)
      try complete(&examples[i].kept)
      try complete(&examples[i].removed)
    }
  }
}
