/// Which stream of the seed each use of randomness draws from, so that none disturbs another.
enum RandomUse {
  static let weights: UInt64 = 1
  static let batches: UInt64 = 2
  static let bootstrap: UInt64 = 3
  static let centroids: UInt64 = 4
  static let exactRows: UInt64 = 5
  static let clusters: UInt64 = 6
  static let groups: UInt64 = 7
}
