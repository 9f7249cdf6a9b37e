import Tensors

/// Embeddings of examples that were trained on lately, queries and passages of the same examples
/// (ContAccum, Kim et al. 2024).
struct MemoryBank: Sendable, Equatable {
  /// Examples at most.
  let capacity: Int
  /// Examples in it.
  private(set) var count = 0

  init(capacity: Int) { self.capacity = capacity }

  /// Forgets all examples.
  mutating func clear() { count = 0 }
}

extension MemoryBank {
  /// What a checkpoint says of a bank beside its tensors.
  struct Facts: Sendable, Codable, Equatable {
    var count: Int
  }

  var facts: Facts { Facts(count: count) }

  /// The tensors of a checkpoint.
  var tensors: [(name: String, values: Matrix)] { [] }

  init(
    capacity: Int, facts: Facts, tensors: [String: Matrix]
  ) throws(TrainingError) {
    self.init(capacity: capacity)
  }
}
