extension StepProgress {
  /// The step's numbers by the tags TensorBoard shows them under; those that are not finite, or do
  /// not apply, are left out.
  func scalars(_ clock: LogClock) -> [(tag: String, value: Float)] {
    var scalars: [(tag: String, value: Float)] = [
      ("train/loss", loss), ("train/accuracy", accuracy), ("train/learning_rate", learningRate),
      ("train/gradient_norm", gradientNorm), ("train/gradient_norm_ratio", gradientNormRatio),
    ]
    if let towerNorms {
      scalars += [
        ("train/gradient_norm_query", towerNorms.query),
        ("train/gradient_norm_passage", towerNorms.passage),
      ]
    }
    if bankedExamples > 0 { scalars.append(("train/banked_examples", Float(bankedExamples))) }
    scalars += negatives?.scalars ?? []
    if let unforetold { scalars.append(("train/unforetold", unforetold)) }
    if let speed = clock.tokensPerSecond {
      scalars.append(("train/tokens_per_second", Float(speed)))
    }
    scalars.append(("train/memory_bytes", Float(clock.memoryBytes)))
    let metrics = evaluation?.metrics.sorted { $0.key < $1.key } ?? []
    scalars += metrics.map { ("eval/\($0.key)", Float($0.value)) }
    return scalars.filter(\.value.isFinite)
  }

  /// Passages over queries: the gradient norms of their towers (the GradNormRatio of ContAccum,
  /// Kim et al. 2024, §3.3), or of the loss by their embeddings when one tower serves both.
  var gradientNormRatio: Float { towerNorms?.ratio ?? passagePull / queryPull }
}

extension NegativeProgress {
  fileprivate var scalars: [(tag: String, value: Float)] {
    let measured: [(String, Double?)] = [
      ("negatives/staleness", staleness), ("negatives/corrected_staleness", correctedStaleness),
      ("negatives/drift_loss", driftLoss), ("negatives/corpus_encodings", Double(corpusEncodings)),
    ]
    return measured.compactMap { tag, value in value.map { (tag, Float($0)) } }
  }
}
