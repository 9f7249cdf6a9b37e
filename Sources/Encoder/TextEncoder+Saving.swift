public import Foundation

extension TextEncoder {
  /// Saves this encoder, or itself with other weights, as a sentence-transformers folder with a
  /// model card.
  ///
  /// - Parameters:
  ///   - destination: where to; nothing may be there.
  ///   - parameters: the weights, of this model's slots; nil for its own.
  ///   - card: what the folder's `README.md` says beside what is known from the folder.
  /// - Returns: the fingerprint of what was saved, which the card states too.
  /// - Throws: `EncoderError` as ``EncoderFolder/write(to:tensors:modelCard:)``.
  @discardableResult
  public func save(
    to destination: URL, parameters: Parameters? = nil, card: ModelCard
  ) throws -> String {
    let parameters = parameters ?? model.parameters
    let fingerprint = fingerprint(of: parameters)
    try folder.write(
      to: destination, tensors: parameters.fileTensors(),
      modelCard: card.markdown(for: folder, fingerprint: fingerprint))
    return fingerprint
  }
}
