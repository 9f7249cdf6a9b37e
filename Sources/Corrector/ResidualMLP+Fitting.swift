internal import Tensors

/// How a residual MLP is fitted.
public struct MLPOptions: Sendable, Codable, Equatable {
  /// r, the number of hidden units.
  public var width = 512
  /// Most optimiser steps.
  public var steps = 1000
  /// Pairs per step; all of them when there are fewer.
  public var batchRows = 128
  /// Adam's learning rate at the first step; it falls linearly to 0 at the last.
  public var learningRate: Float = 5e-4
  /// Steps between looks at the validation part.
  public var stepsPerLook = 20
  /// Looks without a better validation loss after which fitting ends.
  public var patience = 10
  /// Whether the network is given up when the first part of the pairs shows it behind ridge in KL
  /// divergence: to be chosen it would have to be surely better, and the other parts cost five
  /// fits more.
  public var mustLead = true

  /// The defaults.
  public init() {}
}

extension ResidualMLP {
  /// A drift loss below this is rounding: there is nothing to learn.
  public static let roundingLoss = 1e-12

  /// Fits by Adam on seeded mini-batches, keeping the parameters with the best validation loss.
  ///
  /// The search begins at the identity, which stays when nothing better is found.
  ///
  /// - Returns: the best model, and the number of steps taken.
  /// - Parameters:
  ///   - train: pairs to learn from; not empty, equal dimensions.
  ///   - validation: pairs to stop by; empty means to run all steps and keep the last.
  ///   - progress: called with the share of the steps done.
  static func fitting(
    _ train: CorrectionPairs, validation: CorrectionPairs, normalizes: Bool, options: MLPOptions,
    seed: UInt64, progress: (Double) -> Void
  ) -> (model: ResidualMLP, steps: Int) {
    let scale = typicalNorm(train.stale)
    let train = scaled(train, 1 / scale, normalizes)
    let validation = scaled(validation, 1 / scale, normalizes)
    var fit = MLPFit(
      ResidualMLP(
        identityOf: train.stale.columns, width: options.width, normalizes: normalizes, seed: seed),
      validation: validation)
    guard meanSquaredDistance(fit.model.apply(train.stale), train.fresh) > roundingLoss else {
      return (fit.model, 0)
    }
    var batches = Minibatches(rows: train.stale.rows, size: options.batchRows, seed: seed)
    for step in 0..<options.steps {
      let rows = batches.next()
      let rate = options.learningRate * Float(options.steps - step) / Float(options.steps)
      fit.step(train.stale.gathering(rows), train.fresh.gathering(rows), learningRate: rate)
      if (step + 1) % options.stepsPerLook == 0 || step + 1 == options.steps {
        progress(Double(step + 1) / Double(options.steps))
        if fit.look() > options.patience { break }
      }
    }
    var best = fit.best
    best.parameters.rescale(to: scale)
    return (best, fit.steps)
  }

  /// Mean norm of the rows, or 1 when they are unit vectors (or all zero) anyway.
  private static func typicalNorm(_ rows: Matrix) -> Float {
    let mean = rows.rowNorms().reduce(0, +) / Float(max(rows.rows, 1))
    return mean > 0 && abs(mean - 1) > 1e-3 ? mean : 1
  }

  private static func scaled(
    _ pairs: CorrectionPairs, _ factor: Float, _ normalizes: Bool
  ) -> CorrectionPairs {
    guard factor != 1 else { return pairs }
    var result = pairs
    result.stale.scale(by: factor)
    if !normalizes { result.fresh.scale(by: factor) }  // else outputs are unit rows at any scale
    return result
  }
}

/// A fit under way: the model, its optimiser, and the best model seen.
private struct MLPFit {
  var model: ResidualMLP
  private(set) var best: ResidualMLP
  private var adam: MLPAdam
  private let validation: CorrectionPairs
  private var bestLoss: Double
  private var looksSinceBest = 0

  /// Steps taken.
  var steps: Int { adam.steps }

  init(_ model: ResidualMLP, validation: CorrectionPairs) {
    self.model = model
    self.validation = validation
    best = model
    adam = MLPAdam(dimension: model.inputDimension, width: model.parameters.w1.columns)
    bestLoss = meanSquaredDistance(model.apply(validation.stale), validation.fresh)
  }

  mutating func step(_ stale: Matrix, _ fresh: Matrix, learningRate: Float) {
    let (_, gradient) = model.lossAndGradient(stale: stale, fresh: fresh)
    adam.step(&model.parameters, gradient: gradient, learningRate: learningRate)
  }

  /// Looks at the validation loss; returns the number of looks since it was best.
  mutating func look() -> Int {
    let loss = meanSquaredDistance(model.apply(validation.stale), validation.fresh)
    if validation.stale.rows == 0 || loss < bestLoss {
      (best, bestLoss, looksSinceBest) = (model, loss, 0)
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
