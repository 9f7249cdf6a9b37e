import Crypto
import Foundation

/// The name of a text: what makes an embedding stale when it changes.
public enum TextHash {
  /// SHA-256 (64 lower-case hex digits) of `title`, U+001F and `text` in UTF-8.
  ///
  /// Bytes count, not characters: a text that only changes its Unicode composition is another text.
  public static func of(title: String, text: String) -> String {
    var hash = SHA256()
    for part in [title, "\u{1F}", text] {
      var part = part
      part.withUTF8 { hash.update(bufferPointer: UnsafeRawBufferPointer($0)) }
    }
    return hexadecimal(hash.finalize())
  }
}

/// `bytes` as lower-case hexadecimal digits.
func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
  let digits = Array("0123456789abcdef".utf8)
  var text: [UInt8] = []
  for byte in bytes { text += [digits[Int(byte >> 4)], digits[Int(byte & 15)]] }
  return String(decoding: text, as: UTF8.self)
}
