import Tensors

@testable import Encoder

extension BERT {
  /// Hidden states of the last layer, `(tokens, hidden)`, packing the weights at each call.
  func forward(_ tokens: PackedTokens) -> Matrix {
    PackedBERT(self, Packing()).forward(tokens)
  }
}

/// The passes of ``PackedModel``, packing the weights at each call.
extension EmbeddingModel {
  func forward(_ tokens: PackedTokens) -> Matrix { PackedModel(self).forward(tokens) }

  func forwardKeeping(
    _ tokens: PackedTokens, dropout: Dropout?
  ) -> (Matrix, PackedModel.Kept) {
    PackedModel(training: self).forwardKeeping(tokens, dropout: dropout)
  }

  func backward(_ gradient: Matrix, _ kept: PackedModel.Kept, into gradients: inout Parameters) {
    PackedModel(training: self).backward(gradient, kept, into: &gradients)
  }

  /// Random weights, mean pooling, unit length.
  static func random(_ configuration: BERTConfiguration, seed: UInt64 = 1) throws -> Self {
    let slots = BERTSlots(configuration).slots
    var random = RandomStream(seed: seed)
    let values = slots.map { slot in
      Matrix(
        rows: slot.rows, columns: slot.columns,
        elements: (0..<slot.rows * slot.columns).map { _ in Float(0.1 * random.normal()) })
    }
    let tensors = Parameters(slots: slots, values: values).fileTensors()
    return try EmbeddingModel(
      configuration, pooling: Pooling([.mean]), modules: [.normalize],
      tensors: Dictionary(
        uniqueKeysWithValues: tensors.map { tensor in
          (
            tensor.name,
            tensor.shape.count == 1
              ? tensor.values.reshaped(rows: 1, columns: tensor.shape[0]) : tensor.values
          )
        }))
  }
}
