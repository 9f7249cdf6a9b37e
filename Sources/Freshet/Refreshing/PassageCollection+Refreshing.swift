internal import Corrector
public import Encoder
internal import Foundation
internal import Store
internal import Tensors
internal import VectorIndex

extension PassageCollection {
  /// Moves the collection to another encoder without encoding it all again: encodes a sample, fits
  /// and judges correctors on it, corrects every other embedding, and swaps.
  ///
  /// Every passage gets a corrected embedding, also those of the sample: true embeddings among
  /// corrected ones score a little higher against every query and may push in front. With a budget,
  /// the sample and the passages of greatest predicted error are exact, unless mixing is judged to
  /// do harm; ``continueRefresh(budget:progress:shouldStop:)`` encodes the others in time. Passages
  /// without a stale embedding of their present text are encoded. Interrupted, it goes on where it stopped
  /// when called again; until the swap nothing a search can see has changed. Where the plan's
  /// ``RefreshPlan/advice`` is to encode everything, the notice handler is told, and it goes on.
  ///
  /// - Throws: `FreshetError.refused` when the predicted recovery is below
  ///   `options.minimumRecovery`, or as ``planRefresh(to:options:progress:shouldStop:)``.
  @discardableResult
  public func refresh(
    to encoder: TextEncoder, options: RefreshOptions = RefreshOptions(),
    progress: ProgressHandler? = nil, shouldStop: StopCheck = { false }
  ) throws -> RefreshSummary {
    try exclusively {
      try refreshAlone(to: encoder, options, progress, shouldStop)
    }
  }

  private func refreshAlone(
    to encoder: TextEncoder, _ options: RefreshOptions, _ progress: ProgressHandler?,
    _ shouldStop: StopCheck
  ) throws -> RefreshSummary {
    let recipe = try recipe(options.index, following: store.activeGeneration(), for: encoder)
    let fitted = try fit(encoder, options, progress: progress, shouldStop: shouldStop)
    let plan = try plan(fitted, options, progress)
    let page = try report(plan, fitted, options)
    if let least = options.minimumRecovery, plan.recovery < least {
      throw FreshetError(
        .refused,
        String(
          format: "the predicted recovery is %.3f, below the %.3f asked for: nothing was changed. "
            + "Encode everything with `freshet encode --encoder`, or accept less",
          plan.recovery, least))
    }
    try requireGoingOn(shouldStop)
    noticeAdvice(plan)
    let start = now()
    let record = try goLive(fitted, plan, options, recipe, progress, shouldStop)
    // What is encoded already, `--continue` need not encode again.
    if record.corrected == 0 { fitted.journal.remove() }
    try page?.write(outcome: "generation \(record.id) is active")
    return RefreshSummary(
      plan: plan, generation: GenerationSummary(record), seconds: now().timeIntervalSince(start))
  }

  /// A refresh goes on where re-encoding is advised, for that is the user's decision, but says so.
  private func noticeAdvice(_ plan: RefreshPlan) {
    guard plan.advice.way == "re-encode" else { return }
    notice("going on, but encoding everything again is advised: \(plan.advice.reason)")
  }

  private func goLive(
    _ fitted: FittedRefresh, _ plan: RefreshPlan, _ options: RefreshOptions,
    _ recipe: IndexRecipe, _ progress: ProgressHandler?, _ shouldStop: StopCheck
  ) throws -> GenerationRecord {
    let correctable = Set(fitted.correctable)
    let others = try store.textHashes().map(\.row).filter { !correctable.contains($0) }
    let exact = try exactRows(fitted, plan, options, progress)
    _ = try encodeRows(
      others + exact, with: fitted.encoder, into: fitted.journal, progress: progress,
      shouldStop: shouldStop)
    try register(fitted.encoder)
    let corrector = try save(fitted, plan, options)
    return try build(
      GenerationPlan(
        encoder: fitted.encoder, parent: fitted.source.record.id, corrector: corrector,
        recipe: recipe),
      progress: progress, shouldStop: shouldStop
    ) { try self.embeddings(of: $0, fitted, exact: Set(exact)) }
  }

  private func embeddings(
    of range: Range<Int>, _ fitted: FittedRefresh, exact: Set<Int>
  ) throws -> [NewEmbedding?] {
    let hashes = try currentHashes(of: range)
    let rows = range.filter { row in
      !exact.contains(row)
        && hashes[row].flatMap { fitted.source.known(row, textHash: $0) } != nil
    }
    let corrected = try corrected(rows, fitted)
    var result: [Int: NewEmbedding] = [:]
    for (i, row) in rows.enumerated() {
      result[row] = NewEmbedding(
        vector: corrected.vectors.row(i)[...], provenance: .corrected,
        predictedError: Double(corrected.errors[i]), textHash: hashes[row] ?? "")
    }
    for (row, hash) in hashes where result[row] == nil {
      result[row] = fitted.journal.vector(hash).map {
        NewEmbedding(vector: $0, provenance: .encoded, textHash: hash)
      }
    }
    return range.map { result[$0] }
  }

  /// Writes the corrector's file and registers it.
  ///
  /// - Returns: its id.
  private func save(
    _ fitted: FittedRefresh, _ plan: RefreshPlan, _ options: RefreshOptions
  ) throws -> String {
    let corrector = fitted.report.corrector
    let created = now()
    let id = "\(corrector.kind.rawValue)-\(Int(created.timeIntervalSince1970 * 1000))"
    let url = store.layout.corrector(id: id)
    try SafetensorsFile.write(
      corrector.tensors.map { ($0.name, [$0.values.rows, $0.values.columns], $0.values) },
      metadata: corrector.metadata, to: url.path)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    try store.register(
      CorrectorRecord(
        id: id, kind: corrector.kind.rawValue, fromEncoder: fitted.source.record.encoder,
        toEncoder: fitted.encoder.fingerprint, sampleSize: fitted.sample,
        seed: Int64(bitPattern: options.seed),
        judged: String(decoding: try encoder.encode(plan), as: UTF8.self), createdAt: created))
    return id
  }
}
