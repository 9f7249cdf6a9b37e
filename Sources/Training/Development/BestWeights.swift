import Encoder

/// The weights that did best on the development set so far, kept beside the checkpoints.
///
/// One file per improvement. Improvements go up, so what was best at a checkpoint is the newest
/// file that is not younger than it: a run that goes on from any kept checkpoint finds its own.
final class BestWeights {
  private let folder: CheckpointFolder?
  private var held: [Parameters]?

  /// - Parameter folder: nil to hold the weights in memory.
  init(_ folder: CheckpointFolder?) { self.folder = folder }

  /// Keeps these.
  func keep(_ towers: [EmbeddingModel], step: Int) throws {
    guard let folder else {
      held = towers.map(\.parameters)
      return
    }
    try WeightsFile.write(towers.map(\.parameters), to: folder.place(ofBest: step))
  }

  /// The weights kept at `step`.
  ///
  /// - Throws: `TrainingError.damagedCheckpoint`, or an `EncoderError`, when they cannot be read.
  func weights(of step: Int, like towers: [EmbeddingModel]) throws -> [Parameters] {
    if let held { return held }
    guard let folder else { preconditionFailure("no weights were kept at step \(step)") }
    return try WeightsFile.read(folder.place(ofBest: step), like: towers.map(\.parameters))
  }
}
