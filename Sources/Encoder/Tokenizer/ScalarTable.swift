/// A value per Unicode scalar, in pages of 256 that exist only where something was set.
///
/// Reading takes two array accesses.
struct ScalarTable<Value: Sendable>: Sendable {
  private var pageOf = [Int32](repeating: 0, count: UnicodeFacts.scalarCount >> 8)
  private var values: [Value]
  private let common: Value

  init(repeating value: Value) {
    common = value
    values = Array(repeating: value, count: 256)
  }

  /// Sets every scalar of a range, page by page.
  mutating func set(_ range: ClosedRange<UInt32>, to value: Value) {
    var start = range.lowerBound
    while start <= range.upperBound {
      let end = min(range.upperBound, start | 0xFF)
      self[start] = value
      let first = Int(pageOf[Int(start >> 8)]) << 8 | Int(start & 0xFF)
      let count = Int(end - start) + 1
      values.replaceSubrange(first..<first + count, with: repeatElement(value, count: count))
      start = end + 1
    }
  }

  subscript(scalar: UInt32) -> Value {
    @inline(__always) get { values[Int(pageOf[Int(scalar >> 8)]) << 8 | Int(scalar & 0xFF)] }
    set {
      if pageOf[Int(scalar >> 8)] == 0 {
        pageOf[Int(scalar >> 8)] = Int32(values.count >> 8)
        values.append(contentsOf: repeatElement(common, count: 256))
      }
      values[Int(pageOf[Int(scalar >> 8)]) << 8 | Int(scalar & 0xFF)] = newValue
    }
  }
}
