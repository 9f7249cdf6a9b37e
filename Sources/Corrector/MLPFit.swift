internal import Tensors

/// Rows that a network learns from: `normalize(base + f(inputs))` should be `fresh`.
struct NetworkRows {
  /// `(n, p)`.
  var inputs: Matrix
  /// `(n, d')` each.
  var base: Matrix, fresh: Matrix

  var count: Int { inputs.rows }

  /// The given rows, in the given order.
  func gathering(_ rows: [Int]) -> NetworkRows {
    NetworkRows(
      inputs: inputs.gathering(rows), base: base.gathering(rows), fresh: fresh.gathering(rows))
  }

  /// Rows for a network without those scales. Outputs that are normalised are unit rows at any
  /// scale of the base.
  func scaled(inputs s: Float, outputs t: Float, normalizes: Bool) -> NetworkRows {
    var result = self
    if s != 1 { result.inputs.scale(by: 1 / s) }
    guard t != 1 else { return result }
    result.base.scale(by: 1 / t)
    if !normalizes { result.fresh.scale(by: 1 / t) }
    return result
  }
}

extension MLPParameters {
  /// Fits by Adam on seeded mini-batches, keeping the parameters with the best validation loss.
  ///
  /// The search begins at these parameters, which stay when nothing better is found. Inputs and
  /// base are brought to norm 1 on the way: one learning rate then suits vectors of any length.
  ///
  /// - Returns: the best parameters, and the number of steps taken.
  /// - Parameters:
  ///   - train: rows to learn from; not empty.
  ///   - validation: rows to stop by; empty means to run all steps and keep the last.
  ///   - progress: called with the share of the steps done.
  func fitted(
    to train: NetworkRows, validation: NetworkRows, normalizes: Bool, options: MLPOptions,
    seed: UInt64, progress: (Double) -> Void
  ) -> (parameters: MLPParameters, steps: Int) {
    let (s, t) = (typicalNorm(train.inputs), typicalNorm(train.base))
    let train = train.scaled(inputs: s, outputs: t, normalizes: normalizes)
    var fit = MLPFit(
      self, validation: validation.scaled(inputs: s, outputs: t, normalizes: normalizes),
      normalizes: normalizes)
    guard fit.loss(on: train) > ResidualMLP.roundingLoss else { return (self, 0) }
    fit.run(on: train, options: options, seed: seed, progress: progress)
    var best = fit.best
    best.rescale(inputs: s, outputs: t)
    return (best, fit.steps)
  }
}

/// Mean norm of the rows, or 1 when they are unit vectors (or all zero) anyway.
private func typicalNorm(_ rows: Matrix) -> Float {
  let mean = rows.rowNorms().reduce(0, +) / Float(max(rows.rows, 1))
  return mean > 0 && abs(mean - 1) > 1e-3 ? mean : 1
}

/// A fit under way: the network, its optimiser, and the best network seen.
private struct MLPFit {
  private var network: MLPParameters
  private(set) var best: MLPParameters
  private var adam: MLPAdam
  private let validation: NetworkRows
  private let normalizes: Bool
  private var bestLoss = Double.infinity
  private var looksSinceBest = 0

  /// Steps taken.
  var steps: Int { adam.steps }

  init(_ network: MLPParameters, validation: NetworkRows, normalizes: Bool) {
    (self.network, best) = (network, network)
    (self.validation, self.normalizes) = (validation, normalizes)
    adam = MLPAdam(for: network)
    bestLoss = loss(on: validation)
  }

  /// The mean squared distance of what the network makes of rows to their fresh vectors.
  func loss(on rows: NetworkRows) -> Double {
    meanSquaredDistance(
      network.corrected(rows.inputs, base: rows.base, normalizes: normalizes), rows.fresh)
  }

  mutating func run(
    on train: NetworkRows, options: MLPOptions, seed: UInt64, progress: (Double) -> Void
  ) {
    var batches = Minibatches(rows: train.count, size: options.batchRows, seed: seed)
    for step in 0..<options.steps {
      let rate = options.learningRate * Float(options.steps - step) / Float(options.steps)
      self.step(train.gathering(batches.next()), learningRate: rate)
      if (step + 1) % options.stepsPerLook == 0 || step + 1 == options.steps {
        progress(Double(step + 1) / Double(options.steps))
        if look() > options.patience { break }
      }
    }
  }

  private mutating func step(_ rows: NetworkRows, learningRate: Float) {
    let (_, gradient) = network.differentiate(
      rows.inputs, base: rows.base, normalizes: normalizes
    ) { ResidualMLP.driftLoss(corrected: $0, fresh: rows.fresh) }
    adam.step(&network, gradient: gradient, learningRate: learningRate)
  }

  /// Looks at the validation loss; returns the number of looks since it was best.
  private mutating func look() -> Int {
    let loss = loss(on: validation)
    if validation.count == 0 || loss < bestLoss {
      (best, bestLoss, looksSinceBest) = (network, loss, 0)
    } else {
      looksSinceBest += 1
    }
    return looksSinceBest
  }
}

/// Rows in batches, every row once per epoch, in an order drawn anew for each.
struct Minibatches {
  private let size: Int
  private var order: [Int]
  private var position = 0
  private var random: RandomStream

  init(rows: Int, size: Int, seed: UInt64) {
    self.size = min(size, rows)
    order = Array(0..<rows)
    random = RandomStream(seed: seed, stream: RandomUse.batches)
    order.shuffle(using: &random)
  }

  /// The next batch; a remainder shorter than a batch is left for the next epoch's shuffle.
  mutating func next() -> [Int] {
    if position + size > order.count {
      order.shuffle(using: &random)
      position = 0
    }
    defer { position += size }
    return Array(order[position..<position + size])
  }
}
