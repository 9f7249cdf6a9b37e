internal import CKernels

/// What attention reads for one call, lent to the bodies of one parallel loop, and the order in
/// which threads take its heads.
struct AttentionBatch: Sendable {
  let layer: Attention
  let sequences: [Range<Int>]
  let qkv: Shared
  private(set) var bias: Shared?
  private(set) var biasColumns: Int
  let dropout: Dropout?

  func with(bias: Shared, columns: Int) -> AttentionBatch {
    var batch = self
    (batch.bias, batch.biasColumns) = (bias, columns)
    return batch
  }

  /// One head of sequence `s`, as the kernels take it.
  @unsafe func head(_ head: Int, of s: Int) -> ck_head {
    let (length, hidden, size) = (sequences[s].count, layer.hidden, layer.headSize)
    let q = unsafe qkv.pointer + place(head, of: s, columns: 3 * hidden)
    return unsafe ck_head(
      q: q, k: q + hidden, v: q + 2 * hidden, length: length, size: size, stride: 3 * hidden,
      scale: 1 / Float(size).squareRoot(),
      bias: bias.map { unsafe $0.pointer + head * biasColumns + biasColumns / 2 },
      rate: dropout?.rate ?? 0, key: dropout?.keys[s] ?? 0,
      first: UInt64(head * length * length))
  }

  /// Where a head of sequence `s` starts in a matrix of so many columns.
  func place(_ head: Int, of s: Int, columns: Int) -> Int {
    sequences[s].lowerBound * columns + head * layer.headSize
  }

  /// Floats of scratch memory for (length, head size).
  typealias ScratchSize = @Sendable (Int, Int) -> Int
  /// (sequence, head, scratch memory)
  typealias Body = @Sendable (Int, Int, UnsafeMutablePointer<Float>) -> Void

  /// Runs `body` on every head of every sequence, shared out over the threads.
  func forEachHead(scratch: ScratchSize, _ body: Body) {
    let shares = shares()
    Threads.forEach(shares.count) { n in
      let share = shares[n]
      let longest = share.lazy.map { sequences[$0 / layer.heads].count }.max() ?? 0
      unsafe withScratch(scratch(longest, layer.headSize)) { memory in
        for pair in share { unsafe body(pair / layer.heads, pair % layer.heads, memory) }
      }
    }
  }

  /// The same with the sequences of each head one after the other, on one thread.
  func forEachHeadInOrder(scratch: ScratchSize, _ body: Body) {
    let longest = sequences.lazy.map(\.count).max() ?? 0
    Threads.forEach(layer.heads) { head in
      unsafe withScratch(scratch(longest, layer.headSize)) { memory in
        for s in sequences.indices { unsafe body(s, head, memory) }
      }
    }
  }

  /// Multiply-adds below which a share of its own costs more than it brings: some 20 microseconds
  /// forward.
  private static let worthSharing = 1 << 20
  /// Shares per thread, so that one that is held up does not hold up the others for long.
  private static let sharesPerThread = 4

  /// The pairs sequence · heads + head, cut into runs of nearly equal work.
  private func shares() -> [Range<Int>] {
    // The products, and what grows with the length only: packing, rows that fill no tile.
    let work = sequences.map { $0.count * ($0.count + 16) * layer.headSize * 2 }
    let total = work.reduce(0, +) * layer.heads
    let threads = Threads.count
    // As many for each thread.
    let rounds = min(AttentionBatch.sharesPerThread, total / AttentionBatch.worthSharing / threads)
    let wanted = threads == 1 ? 1 : max(1, rounds * threads)
    var shares: [Range<Int>] = []
    var (first, done) = (0, 0)
    for pair in 0..<sequences.count * layer.heads {
      done += work[pair / layer.heads]
      guard done * wanted >= total * (shares.count + 1) else { continue }
      shares.append(first..<pair + 1)
      first = pair + 1
    }
    return shares
  }

  private func withScratch(_ count: Int, _ body: (UnsafeMutablePointer<Float>) -> Void) {
    unsafe withUnsafeTemporaryAllocation(
      byteCount: max(count, 1) * MemoryLayout<Float>.stride, alignment: 64
    ) { memory in
      guard let start = memory.baseAddress else { return }
      unsafe body(start.bindMemory(to: Float.self, capacity: max(count, 1)))
    }
  }
}
