import Tensors

/// Which pairs make up which batch: a pure function of the seed and the epoch.
///
/// Every epoch goes through all pairs in a new order. No two pairs of a batch have the same
/// positive, for each would be the other's false negative: a pair that would be the second waits,
/// and goes into the first later batch that takes it, before pairs that come after it.
package struct BatchComposer: Sendable {
  private let positives: [Int32]
  private let batchSize: Int
  private let shortBatch: ShortBatch
  private let seed: UInt64

  /// - Parameter positives: for each pair a number that stands for its positive.
  /// - Throws: `TrainingError.invalidData` when there are fewer positives than a batch needs.
  package init(
    positives: [Int32], batchSize: Int, shortBatch: ShortBatch, seed: UInt64
  ) throws(TrainingError) {
    self.positives = positives
    self.batchSize = batchSize
    self.shortBatch = shortBatch
    self.seed = seed
    let distinct = Set(positives).count
    guard distinct >= batchSize else {
      throw TrainingError(
        .invalidData,
        "a batch of \(batchSize) needs as many different positive passages, \(positives.count) "
          + "pairs have \(distinct); give more pairs or make the batch smaller")
    }
  }

  /// The batches of an epoch, as indices of pairs, and how many pairs are in none.
  ///
  /// There is at least one batch, and the first is whole.
  package func batches(ofEpoch epoch: Int) -> (batches: [[Int]], leftOut: Int) {
    var order = Array(positives.indices)
    var random = RandomUse.shuffle(seed: seed, epoch: epoch)
    random.draw(order.count, of: &order)
    var batches: [[Int]] = []
    var waiting: [Int] = []
    var rest = order[...]
    while true {
      let batch = next(waiting: &waiting, rest: &rest)
      guard batch.count == batchSize || (shortBatch == .scaled && !batch.isEmpty) else { break }
      batches.append(batch)
    }
    return (batches, order.count - batches.reduce(0) { $0 + $1.count })
  }

  /// The next batch, from those waiting first; a short one when what is left fills none.
  private func next(waiting: inout [Int], rest: inout ArraySlice<Int>) -> [Int] {
    var batch: [Int] = []
    var taken: Set<Int32> = []
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
    return batch
  }
}

/// Where a run stands in its data.
struct DataPosition: Sendable, Codable, Equatable {
  /// Times all pairs were gone through.
  var epoch = 0
  /// The next batch of the epoch.
  var batch = 0
}
