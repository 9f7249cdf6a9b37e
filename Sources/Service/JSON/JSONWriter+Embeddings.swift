internal import Foundation
internal import NIOCore

extension JSONWriter {
  /// OpenAI's answer: `{"object", "data": […], "model", "usage"}`.
  mutating func openAI(
    _ answer: EmbeddingAnswer, model: String, format: OpenAIEmbeddingRequest.Format
  ) throws {
    try object { json in
      json.key("object")
      json.string("list")
      json.key("data")
      try json.array(answer.vectors.enumerated()) { json, item in
        try json.openAIItem(item.element, index: item.offset, format: format)
      }
      json.key("model")
      json.string(model)
      json.key("usage")
      json.usage(tokens: answer.tokenCounts.reduce(0, +))
    }
  }

  /// One vector as a list of numbers.
  mutating func vector(_ values: [Float]) throws {
    try array(values) { json, value in try json.float(value) }
  }

  /// One vector as OpenAI's base64: the little-endian bytes of its `Float`s.
  mutating func base64(_ values: [Float]) throws(UnwritableNumber) {
    var bytes = ByteBuffer()
    for value in values {
      guard value.isFinite else { throw UnwritableNumber() }
      bytes.writeInteger(value.bitPattern, endianness: .little)
    }
    string(Data(bytes.readableBytesView).base64EncodedString())
  }

  private mutating func openAIItem(
    _ values: [Float], index: Int, format: OpenAIEmbeddingRequest.Format
  ) throws {
    try object { json in
      json.key("object")
      json.string("embedding")
      json.key("index")
      json.integer(index)
      json.key("embedding")
      switch format {
      case .float: try json.vector(values)
      case .base64: try json.base64(values)
      }
    }
  }

  private mutating func usage(tokens: Int) {
    object { json in
      json.key("prompt_tokens")
      json.integer(tokens)
      json.key("total_tokens")
      json.integer(tokens)
    }
  }
}
