internal import Glibc

/// Counter-based random numbers: draw number n is a pure function of (seed, stream, n).
///
/// Two streams of one seed are independent; a copy is a checkpoint. The generator is Philox 4×32
/// with ten rounds (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011).
public struct RandomStream: RandomNumberGenerator, Sendable {
  private let key: (UInt32, UInt32)
  private let stream: UInt64
  private var counter: UInt64
  private var spare: UInt64?

  /// The stream number `stream` of `seed`, from draw number `counter · 2` on.
  public init(seed: UInt64, stream: UInt64 = 0, counter: UInt64 = 0) {
    key = (UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32))
    self.stream = stream
    self.counter = counter
  }

  public mutating func next() -> UInt64 {
    if let second = spare {
      spare = nil
      return second
    }
    let (first, second) = block(counter)
    counter &+= 1
    spare = second
    return first
  }

  /// A number in [0, 1), of 53 random bits.
  public mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// A standard normal draw (Box and Muller).
  public mutating func normal() -> Double {
    let radius = (-2 * log(1 - uniform())).squareRoot()
    return radius * cos(2 * Double.pi * uniform())
  }

  /// A standard Gumbel draw: adding one to each logit and taking the largest samples the softmax.
  public mutating func gumbel() -> Double { -log(-log(max(uniform(), 0x1p-53))) }

  private func block(_ counter: UInt64) -> (UInt64, UInt64) {
    var x = (
      UInt32(truncatingIfNeeded: counter), UInt32(truncatingIfNeeded: counter >> 32),
      UInt32(truncatingIfNeeded: stream), UInt32(truncatingIfNeeded: stream >> 32)
    )
    var (k0, k1) = key
    for _ in 0..<10 {
      let p0 = x.0.multipliedFullWidth(by: 0xD251_1F53)
      let p1 = x.2.multipliedFullWidth(by: 0xCD9E_8D57)
      x = (p1.high ^ x.1 ^ k0, p1.low, p0.high ^ x.3 ^ k1, p0.low)
      k0 &+= 0x9E37_79B9
      k1 &+= 0xBB67_AE85
    }
    return (UInt64(x.1) << 32 | UInt64(x.0), UInt64(x.3) << 32 | UInt64(x.2))
  }
}
