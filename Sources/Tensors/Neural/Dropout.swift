internal import CKernels

/// Dropout whose masks are a pure function of (seed, step, item, place, element): a chunk that is
/// run again, alone or in other company, sees the same masks.
public struct Dropout: Sendable {
  /// Probability that an element is dropped, in [0, 1).
  public let rate: Float
  /// One key per sequence of the batch.
  public let keys: [UInt64]

  /// - Parameters:
  ///   - rate: in [0, 1); traps otherwise.
  ///   - keys: one per sequence; see ``key(seed:step:item:)``.
  public init(rate: Float, keys: [UInt64]) {
    precondition((0..<1).contains(rate), "dropout: rate \(rate) is outside [0, 1)")
    self.rate = rate
    self.keys = keys
  }

  /// The key of one training example at one step.
  public static func key(seed: UInt64, step: Int, item: Int) -> UInt64 {
    mix(mix(seed &+ mix(UInt64(bitPattern: Int64(step)))) &+ UInt64(bitPattern: Int64(item)))
  }

  /// The same dropout at another place of the network, with other masks and perhaps another rate.
  public func at(place: Int, rate: Float) -> Dropout {
    Dropout(
      rate: rate, keys: keys.map { Dropout.mix($0 &+ UInt64(place) &* 0x9E37_79B9_7F4A_7C15) })
  }

  /// Applies the masks to packed rows in place; a second call on a gradient is the backward pass.
  ///
  /// - Parameters:
  ///   - x: `(tokens, columns)`.
  ///   - sequences: the rows of each sequence, in the order of `keys`.
  public func apply(to x: inout Matrix, sequences: [Range<Int>]) {
    guard rate > 0 else { return }
    precondition(keys.count == sequences.count, "\(keys.count) keys, \(sequences.count) sequences")
    let width = x.columns
    unsafe x.withUnsafeMutableElements { all in
      let all = unsafe SharedMutable(orEmpty: all)
      Threads.forEach(sequences.count) { s in
        let rows = sequences[s]
        unsafe ck_dropout(
          all.pointer + rows.lowerBound * width, rows.count * width, rate, keys[s], 0)
      }
    }
  }

  /// SplitMix64's finaliser.
  private static func mix(_ value: UInt64) -> UInt64 {
    var x = value &+ 0x9E37_79B9_7F4A_7C15
    x = (x ^ (x >> 30)) &* 0xBF58_476D_1CE4_E5B9
    x = (x ^ (x >> 27)) &* 0x94D0_49BB_1331_11EB
    return x ^ (x >> 31)
  }
}
