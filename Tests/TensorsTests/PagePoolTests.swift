import Testing

@testable import Tensors

@Suite("Large buffers lend and give back pages")
struct PagePoolTests {
  static let page = 4096

  @Test("what is kept and what is lent are together never more than was ever lent")
  func bounded() {
    let pool = PagePool()
    var random = RandomStream(seed: 3, stream: 0)
    var lent: [(pointer: UnsafeMutableRawPointer, bytes: Int, mark: UInt8)] = []
    for round in 0..<2000 {
      if lent.count < 12, random.uniform() < 0.55 || lent.isEmpty {
        let bytes = 1 + Int(random.uniform() * 600_000)
        let (pointer, mark) = (pool.take(bytes), UInt8(truncatingIfNeeded: round))
        pointer.initializeMemory(as: UInt8.self, repeating: mark, count: bytes)
        lent.append((pointer, bytes, mark))
      } else {
        let (pointer, bytes, mark) = lent.remove(
          at: Int(random.uniform() * Double(lent.count)))
        let block = UnsafeRawBufferPointer(start: pointer, count: bytes)
        // No other loan wrote into it.
        #expect(block.allSatisfy { $0 == mark })
        pool.give(pointer, bytes)
      }
      let sizes = pool.sizes
      let live = lent.reduce(0) { $0 + ($1.bytes + Self.page - 1) / Self.page * Self.page }
      #expect(sizes.live == live)
      #expect(sizes.live + sizes.unused <= sizes.mostLive)
    }
    for loan in lent { pool.give(loan.pointer, loan.bytes) }
    #expect(pool.sizes.live == 0 && pool.sizes.unused > 0)
    pool.release()
    #expect(pool.sizes == PagePool.Sizes())
  }

  @Test(
    "a block given back is lent again: the same size, a smaller one, a larger one",
    arguments: [(40, 40), (40, 7), (7, 40)])
  func reused(first: Int, second: Int) {
    let pool = PagePool()
    let other = pool.take(100 * Self.page)  // so that there is room below the most
    let block = pool.take(first * Self.page)
    pool.give(other, 100 * Self.page)
    pool.give(block, first * Self.page)
    let again = pool.take(second * Self.page)
    again.initializeMemory(as: UInt8.self, repeating: 1, count: second * Self.page)
    let sizes = pool.sizes
    #expect(sizes.live == second * Self.page)
    #expect(sizes.mostLive == (100 + first) * Self.page)
    #expect(sizes.live + sizes.unused >= (100 + min(first, second)) * Self.page)
    pool.give(again, second * Self.page)
    pool.release()
  }

  @Test("with nothing else in use, a larger block is an old one made longer")
  func lengthened() {
    let pool = PagePool()
    pool.give(pool.take(3 * Self.page), 3 * Self.page)
    let block = pool.take(50 * Self.page)
    block.initializeMemory(as: UInt8.self, repeating: 7, count: 50 * Self.page)
    #expect(
      pool.sizes
        == PagePool.Sizes(live: 50 * Self.page, mostLive: 50 * Self.page, unused: 0))
    pool.give(block, 50 * Self.page)
    pool.release()
  }
}
