internal import Tensors

/// Rows drawn at random, and, when luck runs out in a small collection, all rows one after another
/// from a random one on.
struct RandomRows {
  private let count: Int
  private var random: RandomStream
  private var drawsLeft = 256
  private var walk: Range<Int>

  init(below count: Int, random: RandomStream) {
    self.count = count
    self.random = random
    walk = 0..<count
  }

  /// The next row, perhaps one that came before; `nil` when every row has come.
  mutating func next() -> Int? {
    if count == 0 || walk.isEmpty { return nil }
    if drawsLeft > 0 {
      drawsLeft -= 1
      let row = Int.random(in: 0..<count, using: &random)
      if drawsLeft == 0 { walk = row..<row + count }
      return row
    }
    defer { walk = walk.dropFirst() }
    return walk.lowerBound % count
  }
}
