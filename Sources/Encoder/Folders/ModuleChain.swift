/// The modules of one network, in the order a text goes through them.
struct ModuleChain: Sendable, Equatable {
  /// Subfolder of the transformer, "" for the model's folder itself.
  let transformerPath: String
  /// Subfolder of the pooling module.
  let poolingPath: String
  /// The modules after the pooling, in order.
  let head: [ModuleList.Entry]

  /// - Parameter place: the file, or a part of it, for messages.
  /// - Throws: `EncoderError` `.unsupported` when they are in an order Freshet does not know.
  init(_ modules: [ModuleList.Entry], of place: String) throws {
    let kinds = modules.map(\.kind)
    let once: Set<ModuleList.Kind> = [.router, .transformer, .pooling]
    guard kinds.prefix(2) == [.transformer, .pooling],
      !kinds.dropFirst(2).contains(where: once.contains)
    else {
      let found = kinds.isEmpty ? "no module" : kinds.map(\.rawValue).joined(separator: ", ")
      throw EncoderError(
        .unsupported,
        "\(place) lists \(found); Freshet reads Transformer, then Pooling, then any of Dense, "
          + "LayerNorm and Normalize")
    }
    transformerPath = modules[0].path
    poolingPath = modules[1].path
    head = Array(modules.dropFirst(2))
  }
}
