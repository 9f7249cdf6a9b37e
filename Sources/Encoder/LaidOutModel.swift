import Synchronization
import Tensors

/// A network that is laid out for encoding when it is first asked to encode: training never asks.
final class LaidOutModel: Sendable {
  let model: EmbeddingModel
  let precision: Precision
  private let made = Mutex<PackedModel?>(nil)

  init(_ model: EmbeddingModel, precision: Precision) {
    self.model = model
    self.precision = precision
  }

  var packed: PackedModel {
    made.withLock { made in
      let packed = made ?? PackedModel(model, precision: precision)
      made = packed
      return packed
    }
  }
}
