import Tensors

/// Which pairs make up which batch: a pure function of the seed and the epoch.
///
/// Every epoch goes through all pairs in a new order. No two pairs of a batch have the same
/// positive, for each would be the other's false negative: a pair that would be the second waits,
/// and goes into the first later batch that takes it, before pairs that come after it.
struct BatchComposer: Sendable {
  private let positives: [String]
  private let batchSize: Int
  private let seed: UInt64

  /// - Throws: `TrainingError.invalidData` when there are fewer positives than a batch needs.
  init(pairs: [TrainingPair], batchSize: Int, seed: UInt64) throws(TrainingError) {
    positives = pairs.map(\.positiveID)
    self.batchSize = batchSize
    self.seed = seed
    let distinct = Set(positives).count
    guard distinct >= batchSize else {
      throw TrainingError(
        .invalidData,
        "a batch of \(batchSize) needs as many different positive passages, \(pairs.count) pairs "
          + "have \(distinct); give more pairs or make the batch smaller")
    }
  }

  /// The whole batches of an epoch, as indices of pairs, and how many pairs filled none.
  ///
  /// There is at least one batch.
  func batches(ofEpoch epoch: Int) -> (batches: [[Int]], leftOut: Int) {
    var order = Array(positives.indices)
    var random = RandomUse.shuffle(seed: seed, epoch: epoch)
    random.draw(order.count, of: &order)
    var batches: [[Int]] = []
    var waiting: [Int] = []
    var rest = order[...]
    while let batch = next(waiting: &waiting, rest: &rest) { batches.append(batch) }
    return (batches, order.count - batches.count * batchSize)
  }

  /// The next batch, from those waiting first; nil when what is left fills none.
  private func next(waiting: inout [Int], rest: inout ArraySlice<Int>) -> [Int]? {
    var batch: [Int] = []
    var taken: Set<String> = []
    var stillWaiting: [Int] = []
    for pair in waiting {
      if batch.count < batchSize, taken.insert(positives[pair]).inserted {
        batch.append(pair)
      } else {
        stillWaiting.append(pair)
      }
    }
    while batch.count < batchSize, let pair = rest.popFirst() {
      if taken.insert(positives[pair]).inserted {
        batch.append(pair)
      } else {
        stillWaiting.append(pair)
      }
    }
    waiting = stillWaiting
    return batch.count == batchSize ? batch : nil
  }
}

/// Where a run stands in its data.
struct DataPosition: Sendable, Codable, Equatable {
  /// Times all pairs were gone through.
  var epoch = 0
  /// The next batch of the epoch.
  var batch = 0
}
