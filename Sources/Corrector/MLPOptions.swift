/// How correcting networks are fitted: the residual MLP, and the one that also reads the text.
public struct MLPOptions: Sendable, Codable, Equatable {
  /// r, the number of hidden units of the residual MLP.
  public var width = 512
  /// r of the network of the text, which has several times as many inputs.
  public var textWidth = 128
  /// Most optimiser steps.
  public var steps = 1000
  /// Most steps of the network of the text, which begins at a good map and whose steps are dearer;
  /// never more than `steps`.
  public var textSteps = 300
  /// Pairs per step; all of them when there are fewer.
  public var batchRows = 128
  /// Adam's learning rate at the first step; it falls linearly to 0 at the last.
  public var learningRate: Float = 5e-4
  /// Steps between looks at the validation part.
  public var stepsPerLook = 20
  /// Looks without a better validation loss after which fitting ends.
  public var patience = 10
  /// Whether a network is given up when the first part of the pairs shows it behind ridge (or
  /// text-ridge) in KL divergence: to be chosen it would have to be surely better, and the other
  /// parts cost five fits more.
  public var mustLead = true

  /// The defaults.
  public init() {}

  /// The same for the network of the text.
  var ofText: MLPOptions {
    var options = self
    options.width = textWidth
    options.steps = min(steps, textSteps)
    return options
  }
}
