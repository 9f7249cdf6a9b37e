extension TrainingMemory {
  /// Why a run does not fit, with what would.
  func refusal(cap: ByteSize, chunk: Int?) -> TrainingError {
    let cut = chunk.map { Cut(chunk: min($0, groupTokens), kept: 0) } ?? leastCut
    let least = peak(cut)
    let fixed = fixedParts.reduce(0) { $0 + $1.bytes }
    var message = "\(size(least)) are needed, \(cap) are given: \(size(fixed)) whatever the chunk ("
    message += fixedParts.filter { $0.bytes >= 1 << 20 }.map { part in
      "\(part.purpose.rawValue) \(size(part.bytes))"
    }.joined(separator: ", ")
    message += "), \(size(least - fixed)) for chunks of \(cut.chunk) tokens"
    if chunk != nil { message += ", which the run was begun with" }
    let remedies = remedies(cap: cap.bytes) + ["a cap of \(mebibytes(least))MiB"]
    return TrainingError(.doesNotFit, message + "; what would fit: " + remedies.joined(separator: ", or "))
  }

  /// Changes of the objective, each by itself, that would fit.
  private func remedies(cap: Int) -> [String] {
    var found: [String] = []
    if let bank = largest(below: configuration.bankSize, cap: cap, { $0.bankSize = $1 }) {
      found.append("a bank of at most \(bank) examples")
    }
    switch configuration.method {
    case .inBatch, .gradCache:
      if let batch = largest(below: configuration.batchSize, cap: cap, { $0.batchSize = $1 }) {
        found.append("a batch of at most \(batch)")
      }
    case .gradAccum, .contAccum:
      let micro = configuration.microBatchSize
      if let size = largest(below: micro, cap: cap, { $0.microBatchSize = $1 }) {
        found.append("micro-batches of at most \(size)")
      }
    }
    return found
  }

  /// The largest value below `limit` with which a run fits and is valid; nil when there is none.
  private func largest(
    below limit: Int, cap: Int, _ change: (inout TrainingConfiguration, Int) -> Void
  ) -> Int? {
    func fits(_ value: Int) -> Bool {
      var other = configuration
      change(&other, value)
      let memory = TrainingMemory(configuration: other, footprint: footprint, lengths: lengths)
      return memory.peak(memory.leastCut) <= cap
    }
    var (low, high) = (0, limit)
    while low < high {
      let middle = (low + high) / 2
      if fits(middle + 1) { low = middle + 1 } else { high = middle }
    }
    // Not every size is valid: a micro-batch divides the batch.
    return (0...low).reversed().prefix(1 << 12).first { value in
      guard value > 0 else { return false }
      var other = configuration
      change(&other, value)
      return (try? other.validate()) != nil
    }
  }

  private func size(_ bytes: Int) -> String { ByteSize(bytes: bytes).description }

  private func mebibytes(_ bytes: Int) -> Int { (bytes + (1 << 20) - 1) >> 20 }
}
