public import Foundation

extension TextEncoder {
  /// Saves this encoder, or one network with other weights, as a sentence-transformers folder with
  /// a model card.
  ///
  /// - Parameters:
  ///   - destination: where to; nothing may be there.
  ///   - parameters: the weights for queries and passages alike, of ``model``'s slots; nil for the
  ///     encoder as it is, tied or not.
  ///   - card: what the folder's `README.md` says beside what is known from the folder.
  /// - Returns: the fingerprint of what was saved, which the card states too.
  /// - Throws: `EncoderError` as ``EncoderFolder/write(to:tensors:modelCard:)``.
  @discardableResult
  public func save(
    to destination: URL, parameters: Parameters? = nil, card: ModelCard
  ) throws -> String {
    guard isTied || parameters != nil else {
      return try save(
        to: destination, query: model(for: .query).parameters, passage: model.parameters,
        card: card)
    }
    let parameters = parameters ?? model.parameters
    let fingerprint = fingerprint(of: parameters)
    try folder.write(
      to: destination, tensors: parameters.fileTensors(),
      modelCard: card.markdown(for: folder, fingerprint: fingerprint))
    return fingerprint
  }

  /// Saves two networks, one for queries and one for passages, as a sentence-transformers folder
  /// with a Router and a model card.
  ///
  /// Everything but the weights is this encoder's for the role: a tied one lends both networks its
  /// sizes, tokenizer, pooling and longest text.
  ///
  /// - Parameters:
  ///   - destination: where to; nothing may be there.
  ///   - query: the weights for queries, of the slots of ``model(for:)``.
  ///   - passage: the weights for passages, the same.
  /// - Returns: the fingerprint of what was saved, which the card states too.
  /// - Throws: `EncoderError` as ``EncoderFolder/write(to:tensors:modelCard:)``.
  @discardableResult
  public func save(
    to destination: URL, query: Parameters, passage: Parameters, card: ModelCard
  ) throws -> String {
    let fingerprint = fingerprint(query: query, passage: passage)
    let networks = [(TextRole.query, query), (.passage, passage)].map { role, parameters in
      WrittenNetwork(folder(for: role), parameters.fileTensors(), route: role.route)
    }
    let text = card.markdown(
      for: folder, queries: folder(for: .query), fingerprint: fingerprint)
    try FolderWriter(networks: networks, modelCard: text).write(to: destination)
    return fingerprint
  }

  /// The fingerprint this encoder would have as one network, the passage's, with other weights.
  public func fingerprint(of parameters: Parameters) -> String {
    tower(for: .passage).fingerprint(of: parameters)
  }

  /// The fingerprint this encoder would have as two networks with these weights.
  public func fingerprint(query: Parameters, passage: Parameters) -> String {
    EncoderFolder.fingerprint(
      query: tower(for: .query).fingerprint(of: query),
      passage: tower(for: .passage).fingerprint(of: passage))
  }
}
