public import Corrector
public import Foundation
public import Tensors

/// What refreshing of bare vectors may be told.
public struct VectorRefreshOptions: Sendable {
  /// Decides the split of the sample and every random draw of the fit.
  public var seed: UInt64 = 1
  /// Refuse to write when the predicted recovery is below this, in [0, 1]; nil never refuses.
  public var minimumRecovery: Double?
  /// Whether corrected vectors are scaled to norm 1; nil does so when the sample's fresh ones are.
  public var normalizes: Bool?
  /// `(q, d')`: queries by the new encoder to judge with; nil lets held-out vectors ask for their
  /// neighbours.
  public var queries: Matrix?
  /// How correctors are fitted; its seed and `normalizes` are replaced by those above.
  public var fit = FitOptions()
  /// Where an HTML page about the plan is written; nil writes none.
  public var report: URL?

  public init() {}
}
