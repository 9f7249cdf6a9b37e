import Encoder
import Foundation
import Tensors

/// The weights of one or two towers as a safetensors file with a digest over all of it.
enum WeightsFile {
  private static let format = "freshet weights 1"

  /// The file is there whole or not at all.
  ///
  /// - Throws: `EncoderError.io` when the system refuses.
  static func write(_ towers: [Parameters], to file: URL) throws {
    let tensors = towers.enumerated().flatMap { tower, parameters in
      zip(parameters.slots, parameters.values).map { slot, value in
        (name: "\(tower).\(slot.name)", shape: [slot.rows, slot.columns], values: value)
      }
    }
    try SafetensorsFile.write(
      tensors,
      metadata: [
        "format": format, "sha256": Digest.of(tensors.map { ($0.name, $0.values) }),
      ], to: file.path)
  }

  /// Weights of the same shapes as `towers`.
  ///
  /// - Throws: `TrainingError.damagedCheckpoint` or `EncoderError` when the file is not whole.
  static func read(_ file: URL, like towers: [Parameters]) throws -> [Parameters] {
    let stored = try SafetensorsFile(path: file.path)
    let tensors = try stored.names.map { ($0, try stored.matrix($0)) }
    guard stored.metadata["format"] == format,
      stored.metadata["sha256"] == Digest.of(tensors)
    else {
      throw TrainingError(
        .damagedCheckpoint,
        "\(file.path) is damaged: its contents do not have the digest it was written with")
    }
    return try towers.enumerated().map { tower, parameters in
      Parameters(
        slots: parameters.slots,
        values: try parameters.slots.map { try stored.matrix("\(tower).\($0.name)") })
    }
  }
}
