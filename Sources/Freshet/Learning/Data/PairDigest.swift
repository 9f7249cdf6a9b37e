internal import Crypto
internal import Foundation

/// What identifies training data, row by row: queries with their ids, and the ids and texts of
/// their positives and negatives, in order.
struct PairDigest {
  private var hash = SHA256()
  private var count = 0

  mutating func add(
    queryID: String, query: String, positives: IdentityKey, negatives: IdentityKey?
  ) {
    add(Array(queryID.utf8))
    add(Array(query.utf8))
    add(positives.bytes)
    add(negatives?.bytes ?? [])
    count += 1
  }

  /// A field with its length, so that no two lists of fields run together.
  private mutating func add(_ field: [UInt8]) {
    hash.update(data: Data("\(field.count) ".utf8))
    hash.update(data: Data(field))
  }

  /// The digest in hexadecimal. Nothing may be added afterwards.
  mutating func hexadecimal() -> String {
    add(Array("\(count)".utf8))
    return hash.finalize().map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}
