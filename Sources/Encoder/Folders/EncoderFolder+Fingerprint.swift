import Crypto
import Foundation
public import Tensors

extension EncoderFolder {
  /// What identifies the encoder: SHA-256, in hexadecimal, over everything that changes an
  /// embedding.
  ///
  /// That is the weights (canonical names, extents, float32 values however stored), the constants
  /// of the arithmetic, the tokenizer, pooling, the modules after it, how many dimensions are kept,
  /// the prompt of each role, and the maximum length. The folder's name and place, unused tensors
  /// and prompts, and dropout are not in it.
  ///
  /// - Parameter tokenizerIdentity: see ``Tokenizer/identity``.
  /// - Throws: `EncoderError` as ``canonicalTensors()``, NaN excepted.
  /// - Complexity: O(weights), streamed from the mapped file.
  public func fingerprint(tokenizerIdentity: [UInt8]) throws -> String {
    var hash = hashOfSettings(tokenizerIdentity)
    for tensor in try storedTensors() {
      hash.add(tensor: tensor.name, shape: tensor.shape)
      try tensor.file.forEachPart(of: tensor.stored) { hash.append($0) }
    }
    return hash.hexadecimal()
  }

  /// The fingerprint of this folder with other weights.
  ///
  /// - Parameter tensors: every weight by canonical name, in any order.
  /// - Complexity: O(weights).
  public func fingerprint(
    tokenizerIdentity: [UInt8], tensors: [(name: String, shape: [Int], values: Matrix)]
  ) -> String {
    var hash = hashOfSettings(tokenizerIdentity)
    for tensor in tensors.sorted(by: { $0.name < $1.name }) {
      hash.add(tensor: tensor.name, shape: tensor.shape)
      for row in 0..<tensor.values.rows {
        hash.append(FloatStorage.bytes(tensor.values.row(row)))
      }
    }
    return hash.hexadecimal()
  }

  /// What identifies an encoder of two networks, given what identifies each.
  ///
  /// When both are one, it is theirs: such an encoder gives the embeddings of the one.
  static func fingerprint(query: String, passage: String) -> String {
    guard query != passage else { return passage }
    var hash = IdentityHash()
    hash.add("format", "freshet encoder of two networks 1")
    hash.add("query", query)
    hash.add("passage", passage)
    return hash.hexadecimal()
  }

  /// Everything but the weights. What only other than plain BERT encoders have is added after what
  /// all have, so that fingerprints of earlier versions stay.
  private func hashOfSettings(_ tokenizerIdentity: [UInt8]) -> IdentityHash {
    var hash = IdentityHash()
    hash.add("format", "freshet encoder 1")
    hash.add("tokenizer", Data(tokenizerIdentity))
    hash.add("heads", "\(configuration.headCount)")
    hash.add("epsilon", "\(configuration.layerNormEpsilon)")
    hash.add("activation", configuration.activation.rawValue)
    hash.add("pooling", pooling.modes.map(\.rawValue).joined(separator: "+"))
    hash.add("normalizes", "\(normalizes)")
    hash.add("maximumLength", "\(maximumLength)")
    for role in TextRole.allCases { hash.add("prompt \(role.rawValue)", prompt(for: role)) }
    if configuration.firstPosition > 0 {
      hash.add("firstPosition", "\(configuration.firstPosition)")
    }
    if !pooling.includesPrompt, TextRole.allCases.contains(where: { !prompt(for: $0).isEmpty }) {
      hash.add("includesPrompt", "false")
    }
    if modules != [], modules != [.normalize] {
      hash.add("modules", modules.map(\.identity).joined(separator: "; "))
    }
    if let dimensions { hash.add("dimensions", "\(dimensions)") }
    return hash
  }
}

/// SHA-256 over labelled fields, each with its length, so that no two lists of fields run together.
private struct IdentityHash {
  private var hash = SHA256()

  mutating func add(_ label: String, _ value: String) { add(label, Data(value.utf8)) }

  mutating func add(_ label: String, _ value: Data) {
    hash.update(data: Data("\(label) \(value.count)\n".utf8))
    hash.update(data: value)
  }

  /// Adds a tensor's name and extents; its values must follow.
  mutating func add(tensor name: String, shape: [Int]) {
    add("tensor", name)
    add("shape", shape.map(String.init).joined(separator: "×"))
  }

  /// Adds bytes whose number an earlier field has fixed.
  mutating func append(_ bytes: Data) { hash.update(data: bytes) }

  func hexadecimal() -> String {
    hash.finalize().map { byte in
      (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }.joined()
  }
}
