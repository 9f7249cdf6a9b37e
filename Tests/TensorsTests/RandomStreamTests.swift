import Tensors
import Testing

@Suite("Counter-based random numbers")
struct RandomStreamTests {
  @Test("equals the published Philox 4x32-10 vectors")
  func knownAnswers() {
    // Random123's kat_vectors: counter and key all zero; all ones.
    var ones = RandomStream(seed: .max, stream: .max, counter: .max)
    #expect(
      halves(ones.next()) + halves(ones.next()) == [
        0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd,
      ])
    var again = RandomStream(seed: 0)
    #expect(
      halves(again.next()) + halves(again.next()) == [
        0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8,
      ])
  }

  private func halves(_ x: UInt64) -> [UInt32] {
    [UInt32(truncatingIfNeeded: x), UInt32(truncatingIfNeeded: x >> 32)]
  }

  @Test("a copy replays; streams differ")
  func replay() {
    var a = RandomStream(seed: 5, stream: 2)
    _ = a.next()
    var b = a
    #expect((0..<9).map { _ in a.next() } == (0..<9).map { _ in b.next() })
    var c = RandomStream(seed: 5, stream: 3)
    var d = RandomStream(seed: 5, stream: 2)
    #expect(c.next() != d.next())
  }

  @Test("moments of the draws")
  func moments() {
    var random = RandomStream(seed: 9)
    let n = 100_000
    let normal = (0..<n).map { _ in random.normal() }
    #expect(abs(normal.reduce(0, +) / Double(n)) < 0.02)
    #expect(abs(normal.reduce(0) { $0 + $1 * $1 } / Double(n) - 1) < 0.03)
    let gumbel = (0..<n).map { _ in random.gumbel() }
    #expect(abs(gumbel.reduce(0, +) / Double(n) - 0.5772) < 0.02)
    let uniform = (0..<n).map { _ in random.uniform() }
    #expect(uniform.allSatisfy { $0 >= 0 && $0 < 1 })
    #expect(abs(uniform.reduce(0, +) / Double(n) - 0.5) < 0.01)
  }
}
