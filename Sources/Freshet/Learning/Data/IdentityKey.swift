internal import Crypto
internal import Foundation

/// What stands for an id, or for a text that has none: half of a SHA-256.
///
/// Two that differ have the same key with a probability of 2⁻¹²⁸: a key is taken for the thing.
struct IdentityKey: Hashable, Sendable {
  let high: UInt64, low: UInt64

  init(high: UInt64, low: UInt64) { (self.high, self.low) = (high, low) }

  private init(digestOf bytes: [UInt8]) {
    let digest = Array(SHA256.hash(data: bytes))
    func word(_ range: Range<Int>) -> UInt64 {
      digest[range].reduce(0) { $0 << 8 | UInt64($1) }
    }
    self.init(high: word(0..<8), low: word(8..<16))
  }

  /// The key of an id that data names, or of one that ``id`` made.
  init(id: String) {
    if let key = IdentityKey(ownID: id) {
      self = key
    } else {
      // The byte before it keeps an id from being taken for an equal text.
      self.init(digestOf: [0] + Array(id.utf8))
    }
  }

  /// The key of a text that has no id.
  init(text: String) { self.init(digestOf: Array(text.utf8)) }

  /// The key of a list of keys, in order.
  init(list: [IdentityKey]) {
    self.init(digestOf: list.flatMap(\.bytes))
  }

  /// The id of a text that has none: `sha256:` and 32 hexadecimal digits.
  var id: String {
    Self.prefix + bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  private static let prefix = "sha256:"

  private init?(ownID id: String) {
    guard id.hasPrefix(Self.prefix), id.utf8.count == 39 else { return nil }
    let digits = id.dropFirst(Self.prefix.count)
    guard digits.allSatisfy({ $0.isHexDigit && !$0.isUppercase }),
      let high = UInt64(digits.prefix(16), radix: 16),
      let low = UInt64(digits.suffix(16), radix: 16)
    else { return nil }
    self.init(high: high, low: low)
  }

  /// The 16 bytes, the first first.
  var bytes: [UInt8] {
    [high, low].flatMap { word in
      (0..<8).map { UInt8(truncatingIfNeeded: word >> (56 - 8 * UInt64($0))) }
    }
  }
}
