internal import Foundation
internal import NIOCore

extension ByteBuffer {
  /// Decodes the whole buffer as one JSON value. Unknown keys are ignored.
  ///
  /// - Throws: `RequestFailure`: `malformed` for broken JSON, `validation` for wrong values.
  func decode<T: Decodable>(_ type: T.Type) throws(RequestFailure) -> T {
    guard readableBytes > 0 else {
      throw RequestFailure(.malformed, "the body is empty; send a JSON object")
    }
    do {
      return try JSONDecoder().decode(type, from: Data(readableBytesView))
    } catch {
      throw RequestFailure(decoding: error, of: Array(readableBytesView))
    }
  }
}
