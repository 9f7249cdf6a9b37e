import Encoder
import Tensors

/// Gradient caching (Gao et al. 2021): the gradient of the whole batch in the memory of one chunk.
///
/// The loss needs all embeddings but no activations; given the gradient of the loss by each
/// embedding, the encoder's gradient is a sum over texts. So texts are encoded twice, a chunk at a
/// time. Dropout keys belong to texts, so the second pass repeats the first bit by bit.
struct GradCache: RowEncoding {
  /// Texts encoded at once.
  let chunkRows: Int

  func accumulate(
    _ rows: EncoderRows, model: PackedModel, into gradients: inout Parameters,
    representationGradient: (Matrix) -> Matrix
  ) {
    let chunks = stride(from: 0, to: rows.tokens.count, by: chunkRows).map {
      $0..<min($0 + chunkRows, rows.tokens.count)
    }
    let embeddings = Matrix.concatenatingRows(chunks.map { rows.encode($0, with: model).0 })
    let cached = representationGradient(embeddings)
    for chunk in chunks {
      let (_, kept) = rows.encode(chunk, with: model)
      model.backward(cached[rows: chunk], kept, into: &gradients)
    }
  }
}
