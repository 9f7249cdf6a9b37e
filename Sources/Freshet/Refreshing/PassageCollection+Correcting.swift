internal import Corrector
internal import Encoder
internal import Store
internal import Tensors

extension PassageCollection {
  /// Passages whose texts are in memory at once while their features are computed.
  private static let textsPerBlock = 1024

  /// What correctors may read of the texts, or nil when only those of vectors are asked for.
  ///
  /// The old encoder's words are left out when its copy in the collection cannot be read.
  func wordFeatures(
    _ source: GenerationSource, _ encoder: TextEncoder, _ options: RefreshOptions
  ) -> WordFeatures? {
    guard options.fit.kinds.contains(where: \.readsText) else { return nil }
    let old = try? self.encoder(fingerprint: source.record.encoder)
    return WordFeatures([encoder] + (old.map { [$0] } ?? []))
  }

  /// The texts of passages as they are embedded.
  func embeddedTexts(rows: [Int]) throws -> [String] {
    try store.passages(rows: rows).map { Passage.embeddedText(title: $0.title, text: $0.text) }
  }

  /// The embeddings of rows of the source, corrected, with their predicted errors.
  func corrected(
    _ rows: [Int], _ fitted: FittedRefresh
  ) throws -> (vectors: Matrix, errors: [Float]) {
    let vectors = try corrected(rows, fitted, by: fitted.report.corrector)
    let stale = fitted.source.vectors.gathering(rows)
    return (vectors, fitted.report.predictedErrors(stale: stale, corrected: vectors))
  }

  /// The embeddings of rows of the source, corrected by one of the fitted correctors; memory for
  /// the texts and features of a block of them.
  func corrected(
    _ rows: [Int], _ fitted: FittedRefresh, by corrector: any Corrector
  ) throws -> Matrix {
    guard !corrector.featureWidths.isEmpty, let features = fitted.features else {
      return corrector.apply(fitted.source.vectors.gathering(rows))
    }
    var result = Matrix(rows: rows.count, columns: corrector.outputDimension)
    for start in stride(from: 0, to: rows.count, by: Self.textsPerBlock) {
      let block = Array(rows[start..<min(start + Self.textsPerBlock, rows.count)])
      let blocks = features.blocks(of: try embeddedTexts(rows: block))
      result.setRows(
        startingAt: start,
        to: corrector.apply(fitted.source.vectors.gathering(block), features: blocks))
    }
    return result
  }
}
