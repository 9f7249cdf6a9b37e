import Tensors
import Crypto
import Foundation

extension EncoderFolder {
  /// What identifies the encoder: SHA-256, in hexadecimal, over everything that changes an
  /// embedding.
  ///
  /// That is the weights (canonical names, extents, float32 values however stored), the constants
  /// of the arithmetic, the tokenizer, pooling, normalisation, the prompt of each role, and the
  /// maximum length. The folder's name and place, unused tensors and prompts, and dropout are not
  /// in it.
  ///
  /// - Parameter tokenizerIdentity: see ``Tokenizer/identity``.
  /// - Throws: `EncoderError` as ``canonicalTensors()``, NaN excepted.
  /// - Complexity: O(weights), streamed from the mapped file.
  public func fingerprint(tokenizerIdentity: [UInt8]) throws -> String {
    let file = try SafetensorsFile(path: weightsPath)
    let tensors = try storedTensors(in: file)
    var hash = IdentityHash()
    hash.add("format", "freshet encoder 1")
    hash.add("tokenizer", Data(tokenizerIdentity))
    hash.add("heads", "\(configuration.headCount)")
    hash.add("epsilon", "\(configuration.layerNormEpsilon)")
    hash.add("activation", configuration.activation.rawValue)
    hash.add("pooling", pooling.rawValue)
    hash.add("normalizes", "\(normalizes)")
    hash.add("maximumLength", "\(maximumLength)")
    for role in TextRole.allCases { hash.add("prompt \(role.rawValue)", prompt(for: role)) }
    for (name, stored, shape) in tensors {
      hash.add("tensor", name)
      hash.add("shape", shape.map(String.init).joined(separator: "×"))
      try file.forEachPart(of: stored) { hash.append($0) }
    }
    return hash.hexadecimal()
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

  /// Adds bytes whose number an earlier field has fixed.
  mutating func append(_ bytes: Data) { hash.update(data: bytes) }

  func hexadecimal() -> String {
    hash.finalize().map { byte in
      (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }.joined()
  }
}
