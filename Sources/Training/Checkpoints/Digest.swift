import Crypto
import Foundation
import Tensors

/// SHA-256 over fields, each with its length, so that no two lists of fields run together.
struct Digest {
  private var hash = SHA256()

  mutating func add(_ text: String) {
    let bytes = Data(text.utf8)
    hash.update(data: Data("\(bytes.count) ".utf8))
    hash.update(data: bytes)
  }

  mutating func add(_ texts: [String]) {
    add("\(texts.count)")
    for text in texts { add(text) }
  }

  /// Adds a named tensor.
  mutating func add(_ name: String, _ values: Matrix) {
    add(name)
    add(values)
  }

  /// Adds shape and values, some rows at a time.
  mutating func add(_ values: Matrix) {
    add("\(values.rows)×\(values.columns)")
    let rows = max(1, (1 << 18) / max(values.columns, 1))
    for start in stride(from: 0, to: values.rows, by: rows) {
      let part = values[rows: start..<min(start + rows, values.rows)]
      part.elements.withUnsafeBytes { hash.update(bufferPointer: $0) }
    }
  }

  /// The digest in hexadecimal. Nothing may be added afterwards.
  func hexadecimal() -> String {
    hash.finalize().map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}

extension Digest {
  /// Over named tensors, in order.
  static func of(_ tensors: [(String, Matrix)]) -> String {
    var digest = Digest()
    for (name, values) in tensors {
      digest.add(name)
      digest.add(values)
    }
    return digest.hexadecimal()
  }

  /// What identifies training data: ids, queries and negatives of all pairs, in order.
  ///
  /// The texts of passages are not in it: reading them all would cost a pass over the data.
  static func of(_ pairs: [TrainingPair]) -> String {
    var digest = Digest()
    digest.add("\(pairs.count)")
    for pair in pairs {
      digest.add([pair.queryID, pair.query, pair.positiveID])
      digest.add(pair.otherPositiveIDs)
      digest.add(pair.negativeIDs)
    }
    return digest.hexadecimal()
  }
}
