import Corrector
import Encoder
import Foundation
import Tensors

/// Chooses the sampled negatives of every update, and lets the corrector learn from what the update
/// encoded.
struct NegativeMiner {
  let corpus: any PassageCorpus
  private let sampling: NegativeSampling
  private let temperature: Double
  private let seed: UInt64
  private let survey: CorpusSurvey
  private let encoder: CorpusEncoder
  private let origin: StaleCache.Origin
  /// Where the embeddings of the beginning are kept, if anywhere.
  private let file: URL?
  /// Embeddings of the beginning, once they are there.
  private var stale: Matrix?
  /// The corpus as it was corrected last.
  private var corrected: Matrix?

  /// Reads through the corpus once.
  ///
  /// - Parameter folder: of the run's checkpoints.
  /// - Throws: `TrainingError.invalidData` when the corpus is empty; what the corpus throws.
  init(
    _ sampling: NegativeSampling, _ corpus: any PassageCorpus, _ trainer: Trainer,
    folder: CheckpointFolder?
  ) throws {
    let configuration = trainer.configuration
    self.sampling = sampling
    self.corpus = corpus
    (temperature, seed) = (configuration.temperature, configuration.seed)
    survey = try CorpusSurvey(corpus)
    guard survey.count > 0 else {
      throw TrainingError(.invalidData, "there are no passages to sample negatives from")
    }
    encoder = CorpusEncoder(
      encoder: trainer.encoder, corpus: corpus, maximumLength: configuration.maximumPassageLength)
    origin = StaleCache.Origin(
      encoder: trainer.encoder.fingerprint, corpus: survey.digest,
      maximumLength: configuration.maximumPassageLength)
    file = folder?.placeOfStaleEmbeddings
  }

  private var softmax: SoftmaxSampler {
    SoftmaxSampler(
      temperature: temperature, count: sampling.perQuery, margin: sampling.margin, seed: seed)
  }
}

/// Embeddings of the corpus.
extension NegativeMiner {
  /// Makes ready for the next step: encodes the corpus where that is due.
  ///
  /// - Parameter initial: the encoder the run began with.
  /// - Returns: false when told to stop; nothing has changed then.
  /// - Throws: `TrainingError.checkpointMismatch` when the run was begun with another corpus; what
  ///   the corpus throws; `EncoderError.io`.
  mutating func prepare(
    _ state: inout NegativeState, step: Int, initial: EmbeddingModel, current: EmbeddingModel,
    shouldStop: () -> Bool, progress: (CorpusProgress) -> Void, warning: (String) -> Void
  ) throws -> Bool {
    try requireSame(survey.digest, &state.corpus)
    guard sampling.source.drawsByScore else { return true }
    func encode(_ model: EmbeddingModel) throws -> Matrix? {
      try encoder.embeddings(by: model, shouldStop: shouldStop) {
        progress(CorpusProgress(step: step, passages: $0, totalPassages: survey.count))
      }
    }
    if stale == nil, !isReplaced(state) {
      guard let cache = try initialCache(encode: { try encode(initial) }, warning) else {
        return false
      }
      if state.cache == nil { state.encodings += survey.count }
      try requireSame(cache.digest, &state.cache)
      stale = cache.embeddings
    }
    guard sampling.source == .reEncode, step > state.reEncodedAt,
      step % sampling.reEncodeEvery == 0
    else { return true }
    guard let fresh = try encode(current) else { return false }
    (state.reEncoded, state.reEncodedAt) = (fresh, step)
    state.encodings += survey.count
    stale = nil
    return true
  }

  /// Whether newer embeddings have taken the place of those of the beginning.
  private func isReplaced(_ state: NegativeState) -> Bool { state.reEncoded != nil }

  /// The embeddings of the beginning: from their file, or made and written; nil when told to stop.
  private func initialCache(
    encode: () throws -> Matrix?, _ warning: (String) -> Void
  ) throws -> StaleCache? {
    if let file {
      do {
        if let cache = try StaleCache(file, of: origin) { return cache }
      } catch let error where CheckpointFolder.isDamage(error) {
        warning("\(error); the passages are encoded again")
      }
    }
    guard var cache = try encode().map({ StaleCache($0, of: origin) }) else { return nil }
    if let file { cache = try cache.moved(to: file, of: origin) }
    return cache
  }

  /// Notes a digest where there is none yet.
  private func requireSame(_ digest: String, _ known: inout String?) throws(TrainingError) {
    guard let before = known, before != digest else {
      known = digest
      return
    }
    throw TrainingError(
      .checkpointMismatch,
      "the run was begun with another corpus, or its passages are encoded otherwise here; resume "
        + "with the passages it was begun with, or start anew in another folder")
  }
}

/// The steps of a run.
extension NegativeMiner {
  /// At most k negatives for each example.
  ///
  /// - Parameter queries: (examples, d), as the encoder embeds them now, without dropout; not asked
  ///   for when passages are drawn uniformly.
  /// - Throws: what the corpus throws.
  mutating func draw(
    for examples: [BatchExample], queries: Matrix?, step: Int, _ state: inout NegativeState
  ) throws -> [SampledNegatives] {
    let asked = examples.map { NegativeQuery($0, corpus, survey) }
    let rows = rows(for: asked, queries, step, &state)
    return try examples.indices.map { i in
      let pair = examples[i].pair
      let masked = try asked[i].masked.sorted().map { try corpus.passage(at: $0).id }
      return SampledNegatives(
        ids: try rows[i].map { try corpus.passage(at: $0).id },
        duplicates: masked.filter { $0 != pair.positiveID && !pair.otherPositiveIDs.contains($0) })
    }
  }

  /// Whether queries are to be embedded before negatives are drawn.
  var needsQueries: Bool { sampling.source.drawsByScore }

  private mutating func rows(
    for asked: [NegativeQuery], _ queries: Matrix?, _ step: Int, _ state: inout NegativeState
  ) -> [[Int]] {
    guard let queries else {
      let uniform = UniformSampler(count: sampling.perQuery, seed: seed)
      return asked.map { uniform.draw(for: $0, passages: survey.count, step: step) }
    }
    guard let corrector = state.corrector else {
      return softmax.draw(
        for: asked, embeddings: queries, over: drawnBy(state), step: step)
    }
    let older = correctedCorpus(&state, step)
    guard let candidates = sampling.corrector.candidates else {
      return softmax.draw(for: asked, embeddings: queries, over: older, step: step)
    }
    return CandidateSampler(sampler: softmax, candidates: candidates).draw(
      for: asked, embeddings: queries, older: older, stale: drawnBy(state),
      corrector: corrector.model, step: step)
  }

  /// Embeddings that are drawn by, before any correction.
  private func drawnBy(_ state: NegativeState) -> Matrix {
    guard let passages = state.reEncoded ?? stale else {
      preconditionFailure("negatives are drawn before the passages were encoded")
    }
    return passages
  }

  /// The corpus as corrected last; corrected anew where that is due.
  private mutating func correctedCorpus(_ state: inout NegativeState, _ step: Int) -> Matrix {
    if step % sampling.corrector.correctEvery == 0, let now = state.corrector?.model.parameters {
      state.corrector?.applied = now
      corrected = nil
    }
    let stale = drawnBy(state)
    let result = corrected ?? state.corrector?.appliedModel.apply(stale) ?? stale
    corrected = result
    return result
  }

  /// Measures how far the passages of a step have moved, and lets the corrector learn from them.
  ///
  /// - Parameters:
  ///   - targets: what the step encoded, by the weights it began with.
  ///   - queries: as for the draw.
  ///   - drawn: negatives drawn in the step.
  func learn(
    from targets: DriftTargets, queries: Matrix?, drawn: Int, _ state: inout NegativeState
  ) -> NegativeProgress {
    var before: Double?, after: Double?, drift: Double?
    if let queries, !targets.rows.isEmpty {
      let (old, fresh) = (drawnBy(state).gathering(targets.rows), targets.fresh)
      before = staleness(of: old, from: fresh)
      if let corrected = state.corrector?.model.apply(old) {
        after = staleness(of: corrected, from: fresh)
        drift = ResidualMLP.driftLoss(corrected: corrected, fresh: fresh).loss
      }
      state.corrector?.learn(stale: old, fresh: fresh, queries: queries, temperature: temperature)
    }
    return NegativeProgress(
      drawn: drawn, corpusEncodings: state.encodings, staleness: before,
      correctedStaleness: after, driftLoss: drift)
  }
}
