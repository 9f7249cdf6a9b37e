import Encoder
import Foundation

/// The checkpoints of one run, one file per step that has one, in a folder of their own.
struct CheckpointFolder: Sendable {
  let url: URL
  let identity: RunIdentity

  /// Makes the folder where there is none, and clears away what a killed run left half written.
  ///
  /// - Throws: `TrainingError.io`.
  init(_ url: URL, identity: RunIdentity) throws(TrainingError) {
    self.url = url
    self.identity = identity
    try attempt("cannot create \(url.path)") {
      try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }
    for name in try names()
    where Self.isOurs(name.dropFirst()) && name.hasPrefix(".") && name.hasSuffix(".partial") {
      try remove(name)
    }
  }

  private static let staleName = "stale-embeddings.safetensors"

  /// Whether a file of this name, or of this beginning, is written by a run.
  private static func isOurs(_ name: Substring) -> Bool {
    name.hasPrefix("step-") || name.hasPrefix("best-") || name.hasPrefix(staleName)
  }

  /// Where the embeddings are kept that negatives are drawn by, as the run's first encoder made
  /// them.
  var placeOfStaleEmbeddings: URL { url.appending(path: Self.staleName) }

  /// The steps that have a checkpoint, ascending.
  func steps() throws(TrainingError) -> [Int] { try steps("step") }

  /// Where the weights are kept that were best at `step`.
  func place(ofBest step: Int) -> URL { url.appending(path: Self.name(of: step, "best")) }

  private func steps(_ kind: String) throws(TrainingError) -> [Int] {
    try names().compactMap { name in
      let digits = name.dropFirst(kind.count + 1).dropLast(".safetensors".count)
      guard let step = Int(digits), name == Self.name(of: step, kind) else { return nil }
      return step
    }.sorted()
  }

  /// Writes a checkpoint, then removes all but the newest `kept`.
  func write(_ state: TrainingState, keeping kept: Int) throws {
    try Checkpoint.write(
      state, identity: identity, to: url.appending(path: Self.name(of: state.step)))
    for step in try steps().filter({ $0 <= state.step }).dropLast(kept) {
      try remove(Self.name(of: step))
    }
    try removeNeedlessBest()
  }

  /// Removes best weights that no kept checkpoint goes back to: each needs the newest that is not
  /// younger than it.
  private func removeNeedlessBest() throws(TrainingError) {
    let (kept, best) = (try steps(), try steps("best"))
    let needed = Set(kept.compactMap { step in best.last { $0 <= step } })
    for step in best where !needed.contains(step) && step < kept.last ?? 0 {
      try remove(Self.name(of: step, "best"))
    }
  }

  /// Reads the newest checkpoint that is whole into `state`; leaves it as it is when there is none.
  ///
  /// Checkpoints that are not whole are told of and removed, for the run will write them again.
  ///
  /// - Throws: `TrainingError`: `.checkpointMismatch`; `.damagedCheckpoint` when none of several is
  ///   whole; `.io`.
  func restore(_ state: inout TrainingState, warning: (String) -> Void) throws {
    let steps = try steps()
    var damaged: [String] = []
    for step in steps.reversed() {
      let name = Self.name(of: step)
      do {
        try Checkpoint.read(url.appending(path: name), identity: identity, into: &state)
        for name in damaged { try remove(name) }
        return
      } catch let error where Self.isDamage(error) {
        warning("\(error); the checkpoint before it is used")
        damaged.append(name)
      }
    }
    guard steps.isEmpty else {
      throw TrainingError(
        .damagedCheckpoint,
        "\(url.path): none of \(steps.count) checkpoints is whole; remove the folder to start anew")
    }
  }

  /// Whether a checkpoint cannot be read because of what is in it.
  static func isDamage(_ error: any Error) -> Bool {
    if let error = error as? TrainingError { return error.code == .damagedCheckpoint }
    return (error as? EncoderError).map { $0.code != .io } ?? false
  }

  private static func name(of step: Int, _ kind: String = "step") -> String {
    let digits = String(step)
    return "\(kind)-" + String(repeating: "0", count: max(0, 8 - digits.count)) + digits
      + ".safetensors"
  }

  private func names() throws(TrainingError) -> [String] {
    try attempt("cannot list \(url.path)") {
      try FileManager.default.contentsOfDirectory(atPath: url.path)
    }
  }

  private func remove(_ name: String) throws(TrainingError) {
    try attempt("cannot remove \(name) from \(url.path)") {
      try FileManager.default.removeItem(at: url.appending(path: name))
    }
  }
}

/// Runs `body`; an error of Foundation becomes a `TrainingError.io` beginning with `what`.
private func attempt<Result>(
  _ what: String, _ body: () throws -> Result
) throws(TrainingError) -> Result {
  do {
    return try body()
  } catch {
    throw TrainingError(.io, "\(what): \(error.localizedDescription)")
  }
}
