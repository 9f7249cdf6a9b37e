import Encoder
import Foundation
import Tensors

/// One checkpoint file: a safetensors file of weights, both moments and losses, whose metadata hold
/// the run's identity, its place, and a digest over all of it.
enum Checkpoint {
  /// The facts of the metadata.
  private struct Facts: Codable {
    let identity: RunIdentity
    let step: Int
    let position: DataPosition
    let pairs: Int
    let tokens: Int
    let best: BestSoFar?
    let bank: MemoryBank.Facts
    let negatives: NegativeState.Facts?
    let driftUpdates: Int?
  }

  private static let format = "freshet training checkpoint 3"
  private static let lossesName = "losses"
  private static let bankPrefix = "bank."
  private static let negativesPrefix = "negatives."
  private static let driftPrefix = "drift."

  /// Writes the state after at least one step; the file is there whole or not at all.
  ///
  /// - Throws: `EncoderError.io` when the system refuses.
  static func write(_ state: TrainingState, identity: RunIdentity, to file: URL) throws {
    let facts = Facts(
      identity: identity, step: state.step, position: state.position, pairs: state.pairs,
      tokens: state.tokens, best: state.best, bank: state.bank.facts,
      negatives: state.negatives?.facts, driftUpdates: state.drift?.updates)
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    encoder.nonConformingFloatEncodingStrategy = .training
    let text = String(decoding: try encoder.encode(facts), as: UTF8.self)
    let tensors = tensors(of: state)
    let digest = digest(facts: text, tensors: tensors.map { ($0.name, $0.values) })
    try SafetensorsFile.write(
      tensors, metadata: ["format": format, "facts": text, "sha256": digest], to: file.path)
  }

  /// Reads a checkpoint of the run `identity` into `state`, whose towers give names and shapes.
  ///
  /// - Throws: `TrainingError.checkpointMismatch` naming what differs; `.damagedCheckpoint`, or an
  ///   `EncoderError`, when the file is not whole.
  static func read(_ file: URL, identity: RunIdentity, into state: inout TrainingState) throws {
    let stored = try SafetensorsFile(path: file.path)
    let facts = try facts(of: stored, file)
    if let difference = try identity.difference(from: facts.identity) {
      throw TrainingError(
        .checkpointMismatch,
        "\(file.path) was made with \(difference); resume with what it was made with, or start "
          + "anew in another folder")
    }
    let losses = try matrix(lossesName, 1, facts.step, in: stored)
    var restored = state
    for tower in state.towers.indices {
      let slots = state.towers[tower].parameters.slots
      func part(_ part: Part) throws -> Parameters {
        try parameters(part, slots, tower: tower, in: stored)
      }
      restored.towers[tower].parameters = try part(.weights)
      restored.optimizers[tower].mean = try part(.mean)
      restored.optimizers[tower].variance = try part(.variance)
      restored.optimizers[tower].updates = facts.step
    }
    restored.position = facts.position
    (restored.pairs, restored.tokens) = (facts.pairs, facts.tokens)
    restored.best = facts.best
    restored.bank = try MemoryBank(
      capacity: state.bank.capacity, facts: facts.bank, tensors: bankTensors(in: stored))
    if let negatives = facts.negatives {
      try restored.negatives?.restore(negatives) { name, shape in
        try negativesTensor(name, shape, in: stored)
      }
    }
    if let drift = state.drift {
      restored.drift = try drift.restored(updates: facts.driftUpdates ?? 0) { name, like in
        try matrix(driftPrefix + name, like.rows, like.columns, in: stored)
      }
    }
    restored.losses = losses.elements
    state = restored
  }

  /// The configuration of the run that a file says it is a checkpoint of; nil when it says nothing.
  static func configuration(of file: URL) -> TrainingConfiguration? {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .training
    guard let stored = try? SafetensorsFile(path: file.path),
      stored.metadata["format"] == format, let text = stored.metadata["facts"]
    else { return nil }
    return try? decoder.decode(Facts.self, from: Data(text.utf8)).identity.configuration
  }

  /// The facts, once the digest has been found right.
  private static func facts(of stored: SafetensorsFile, _ file: URL) throws -> Facts {
    guard stored.metadata["format"] == format, let text = stored.metadata["facts"] else {
      throw damaged(file.path, "it is not a \(format)")
    }
    // One mapped tensor after the other: none stays in memory.
    var digest = Digest()
    digest.add(text)
    for name in stored.names { digest.add(name, try stored.matrix(name)) }
    guard stored.metadata["sha256"] == digest.hexadecimal() else {
      throw damaged(file.path, "its contents do not have the digest it was written with")
    }
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .training
    do {
      return try decoder.decode(Facts.self, from: Data(text.utf8))
    } catch {
      throw damaged(file.path, "its facts are of another version")
    }
  }

  private static func digest(facts: String, tensors: [(String, Matrix)]) -> String {
    var digest = Digest()
    digest.add(facts)
    for (name, values) in tensors { digest.add(name, values) }
    return digest.hexadecimal()
  }

  private static func damaged(_ path: String, _ reason: String) -> TrainingError {
    TrainingError(.damagedCheckpoint, "\(path) is damaged: \(reason)")
  }
}

/// The tensors of a checkpoint.
extension Checkpoint {
  private enum Part: String {
    case weights, mean, variance

    func name(_ slot: ParameterSlot, tower: Int) -> String {
      "\(tower).\(rawValue).\(slot.name)"
    }
  }

  private static func tensors(
    of state: TrainingState
  ) -> [(name: String, shape: [Int], values: Matrix)] {
    var tensors = state.towers.indices.flatMap { tower in
      let parts: [(Part, Parameters)] = [
        (.weights, state.towers[tower].parameters), (.mean, state.optimizers[tower].mean),
        (.variance, state.optimizers[tower].variance),
      ]
      return parts.flatMap { part, parameters in
        zip(parameters.slots, parameters.values).map { slot, value in
          (
            name: part.name(slot, tower: tower), shape: [slot.rows, slot.columns], values: value
          )
        }
      }
    }
    let losses = Matrix(rows: 1, columns: state.step, elements: state.losses)
    tensors.append((lossesName, [1, state.step], losses))
    for (name, values) in state.bank.tensors {
      tensors.append((bankPrefix + name, [values.rows, values.columns], values))
    }
    for (name, values) in state.negatives?.tensors ?? [] {
      tensors.append((negativesPrefix + name, [values.rows, values.columns], values))
    }
    for (name, values) in state.drift?.tensors ?? [] {
      tensors.append((driftPrefix + name, [values.rows, values.columns], values))
    }
    return tensors
  }

  private static func parameters(
    _ part: Part, _ slots: [ParameterSlot], tower: Int, in file: SafetensorsFile
  ) throws -> Parameters {
    let values = try slots.map {
      try matrix(part.name($0, tower: tower), $0.rows, $0.columns, in: file)
    }
    return Parameters(slots: slots, values: values)
  }

  private static func bankTensors(
    in file: SafetensorsFile
  ) throws -> [(name: String, values: Matrix)] {
    try file.names.filter { $0.hasPrefix(bankPrefix) }.map {
      (String($0.dropFirst(bankPrefix.count)), try file.matrix($0))
    }
  }

  /// A tensor of the negatives; without extents, nil when there is none of this name.
  private static func negativesTensor(
    _ name: String, _ shape: (rows: Int, columns: Int)?, in file: SafetensorsFile
  ) throws -> Matrix? {
    let name = negativesPrefix + name
    guard let shape else {
      return file.shape(of: name) == nil ? nil : try file.matrix(name)
    }
    return try matrix(name, shape.rows, shape.columns, in: file)
  }

  private static func matrix(
    _ name: String, _ rows: Int, _ columns: Int, in file: SafetensorsFile
  ) throws -> Matrix {
    guard file.shape(of: name) == [rows, columns] else {
      throw damaged(file.path, "\"\(name)\" is not a tensor of \(rows)×\(columns)")
    }
    return try file.matrix(name)
  }
}
