/// Where a list of scores lies.
public struct ScoreDistribution: Sendable, Codable, Equatable {
  /// Scores, and their mean.
  public let count: Int, mean: Float
  /// The least and the largest, exactly.
  public let minimum, maximum: Float
  /// The scores at shares 0.05, 1/4, 1/2, 3/4 and 0.95 of the sorted list, to about 1/4096 of
  /// their size.
  public let lowest5, lowerQuartile, median, upperQuartile, highest5: Float
  /// How many lie in each of ten equal steps from the least to the largest.
  public let histogram: [Int]

  /// - Parameter buckets: by ascending score; not empty.
  init(
    buckets: [(score: Float, count: Int)], count: Int, mean: Float, minimum: Float, maximum: Float
  ) {
    (self.count, self.mean) = (count, mean)
    (self.minimum, self.maximum) = (minimum, maximum)
    var histogram = [Int](repeating: 0, count: Self.steps)
    let width = maximum - minimum
    for bucket in buckets {
      let share = width > 0 ? (bucket.score - minimum) / width : 0
      histogram[min(Int(share * Float(Self.steps)), Self.steps - 1)] += bucket.count
    }
    self.histogram = histogram
    func quantile(_ share: Double) -> Float {
      let rank = Int((share * Double(count - 1)).rounded())
      var before = 0
      for bucket in buckets {
        before += bucket.count
        if before > rank { return bucket.score }
      }
      return maximum
    }
    lowest5 = quantile(0.05)
    lowerQuartile = quantile(0.25)
    median = quantile(0.5)
    upperQuartile = quantile(0.75)
    highest5 = quantile(0.95)
  }

  private static let steps = 10
}
