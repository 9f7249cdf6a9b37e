/// Counts scores in buckets as wide as 1/4096 of what they hold: quantiles of any number of scores,
/// of any scale, in little memory.
struct ScoreSketch {
  private var counts: [Int32: Int] = [:]
  private var total = 0
  private var sum = 0.0
  private var least = Float.infinity
  private var most = -Float.infinity

  private static let droppedBits: Int32 = 11

  mutating func add(_ score: Float) {
    counts[Self.bucket(of: score), default: 0] += 1
    total += 1
    sum += Double(score)
    least = min(least, score)
    most = max(most, score)
  }

  /// `nil` when nothing was counted.
  var distribution: ScoreDistribution? {
    guard total > 0 else { return nil }
    let buckets = counts.sorted { $0.key < $1.key }.map { (score: value($0.key), count: $0.value) }
    return ScoreDistribution(
      buckets: buckets, count: total, mean: Float(sum / Double(total)), minimum: least,
      maximum: most)
  }

  /// The numbers of buckets ascend with the scores in them.
  private static func bucket(of score: Float) -> Int32 {
    let bits = Int32(bitPattern: score.bitPattern)
    return (bits < 0 ? bits ^ Int32.max : bits) >> droppedBits
  }

  /// The middle of a bucket.
  private func value(_ bucket: Int32) -> Float {
    let ordered = bucket << Self.droppedBits | 1 << (Self.droppedBits - 1)
    let score = Float(bitPattern: UInt32(bitPattern: ordered < 0 ? ordered ^ Int32.max : ordered))
    return min(max(score, least), most)
  }
}
