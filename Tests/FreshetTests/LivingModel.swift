import Foundation
import TestSupport

@testable import Freshet

/// A collection in memory, by plain loops: what the real one must answer.
struct LivingModel {
  struct Entry {
    /// Another one for each time an id is added anew.
    var incarnation: Int
    var text: String
    var n: Int
  }

  /// A generation: the text that each incarnation's embedding stands for, and its encoder.
  struct Generation {
    var texts: [Int: String]
    var isB: Bool
  }

  private(set) var entries: [String: Entry] = [:]
  private(set) var deleted = 0
  /// The active generation last; a rollback drops it.
  private(set) var activations: [Generation] = []
  private var nextIncarnation = 0

  var active: Generation? { activations.last }

  mutating func add(_ id: String, text: String, n: Int) {
    if entries[id] == nil {
      entries[id] = Entry(incarnation: nextIncarnation, text: text, n: n)
      nextIncarnation += 1
    } else {
      entries[id]?.text = text
      entries[id]?.n = n
    }
  }

  mutating func delete(_ ids: [String]) {
    for id in ids where entries.removeValue(forKey: id) != nil { deleted += 1 }
  }

  /// True when that makes a generation: something was pending, or the encoder is another.
  mutating func encode(byB isB: Bool) {
    let present = Dictionary(uniqueKeysWithValues: entries.values.map { ($0.incarnation, $0.text) })
    if let active, active.isB == isB, present.allSatisfy({ active.texts[$0] == $1 }) { return }
    activations.append(Generation(texts: present, isB: isB))
  }

  mutating func compact() {
    if deleted > 0 { activations = activations.suffix(2) }
    deleted = 0
  }

  /// False when there is none to go back to.
  mutating func rollback() -> Bool {
    guard activations.count > 1 else { return false }
    activations.removeLast()
    return true
  }

  /// Scores of the passages a search may find, by id.
  func scores(
    _ query: (_ text: String, _ isB: Bool) -> Float, where holds: (Entry) -> Bool
  ) -> [String: Float] {
    guard let active else { return [:] }
    return entries.filter { holds($0.value) && active.texts[$0.value.incarnation] == $0.value.text }
      .mapValues { query($0.text, active.isB) }
  }

  var pending: Int { entries.values.count { active?.texts[$0.incarnation] != $0.text } }
}

/// Embeddings of texts by two encoders, each text encoded once.
final class Embedder {
  private let a: TextEncoder, b: TextEncoder
  private var known: [String: [Float]] = [:]

  init(_ world: World) { (a, b) = (world.a, world.b) }

  func score(_ query: String, _ text: String, byB isB: Bool) -> Float {
    let q = vector(query, .query, isB)
    return zip(q, vector(text, .passage, isB)).reduce(0) { $0 + $1.0 * $1.1 }
  }

  private func vector(_ text: String, _ role: TextRole, _ isB: Bool) -> [Float] {
    let key = "\(isB) \(role) \(text)"
    if let vector = known[key] { return vector }
    let vector = (isB ? b : a).encode([text], as: role).embeddings.row(0)
    known[key] = vector
    return vector
  }
}
