internal import CKernels
internal import Glibc
internal import Synchronization

/// Whole pages for large buffers, kept when they are given back and lent again.
///
/// The system allocator either keeps freed memory in a heap that cannot shrink past its topmost
/// live block, so that a process holds far more than it uses; or it returns every large block to
/// the kernel, which has to clear each page of the next one. Here pages are kept, but never more
/// than were in use at once: `live + unused ≤ most live`. The resident size of a process is
/// therefore the most its matrices ever needed together, a number that can be planned.
///
/// Blocks are cut and moved by the kernel's page tables (`mremap`), so any unused block serves any
/// request and there is no fragmentation.
@safe final class PagePool: Sendable {
  static let shared = PagePool()

  /// Requests of fewer bytes are the system allocator's.
  static let leastBytes = 1 << 18

  /// What the pool holds, in bytes.
  struct Sizes: Sendable, Equatable {
    /// Lent out; the most of it at once; and kept for later.
    var live = 0, mostLive = 0, unused = 0
  }

  private struct Block {
    let start: UInt
    let length: Int
  }

  private struct State {
    var sizes = Sizes()
    /// Unused blocks, ascending by length.
    var blocks: [Block] = []
  }

  private let state = Mutex(State())
  private let pageBytes: Int

  init() { pageBytes = Int(sysconf(Int32(_SC_PAGESIZE))) }

  /// What the pool holds now.
  var sizes: Sizes { state.withLock { $0.sizes } }

  /// Memory of at least `bytes` bytes, contents undefined. Traps when the system has none.
  func take(_ bytes: Int) -> UnsafeMutableRawPointer {
    let length = rounded(bytes)
    let start = state.withLock { state in
      state.sizes.live += length
      state.sizes.mostLive = max(state.sizes.mostLive, state.sizes.live)
      let start = reuse(length, &state) ?? map(length)
      shrink(&state, to: state.sizes.mostLive - state.sizes.live)
      return start
    }
    guard let start, let pointer = unsafe UnsafeMutableRawPointer(bitPattern: start) else {
      preconditionFailure("out of memory: \(length) bytes for a matrix")
    }
    return unsafe pointer
  }

  /// Takes back what ``take(_:)`` lent for `bytes` bytes.
  func give(_ pointer: UnsafeMutableRawPointer, _ bytes: Int) {
    let block = Block(start: UInt(bitPattern: pointer), length: rounded(bytes))
    state.withLock { state in
      state.sizes.live -= block.length
      keep(block, &state)
    }
  }

  /// Returns what is unused to the system, and forgets how much was ever used.
  func release() {
    state.withLock { state in
      shrink(&state, to: 0)
      state.sizes.mostLive = state.sizes.live
    }
  }

  private func rounded(_ bytes: Int) -> Int { (bytes + pageBytes - 1) / pageBytes * pageBytes }

  /// The smallest unused block that is long enough, cut to length; or the longest one, made longer.
  private func reuse(_ length: Int, _ state: inout State) -> UInt? {
    let place = state.blocks.partition { $0.length >= length }
    guard place < state.blocks.count || place > 0 else { return nil }
    let block = state.blocks.remove(at: min(place, state.blocks.count - 1))
    state.sizes.unused -= block.length
    if block.length >= length {
      if block.length > length {
        keep(Block(start: block.start + UInt(length), length: block.length - length), &state)
      }
      return block.start
    }
    return lengthen(block, to: length)
  }

  private func keep(_ block: Block, _ state: inout State) {
    state.sizes.unused += block.length
    let place = state.blocks.partition { $0.length >= block.length }
    state.blocks.insert(block, at: place)
  }

  /// Unmaps unused blocks, the shortest first, until no more than `bytes` are left.
  private func shrink(_ state: inout State, to bytes: Int) {
    var count = 0
    while state.sizes.unused > bytes {
      let block = state.blocks[count]
      state.sizes.unused -= block.length
      unsafe munmap(UnsafeMutableRawPointer(bitPattern: block.start), block.length)
      count += 1
    }
    state.blocks.removeFirst(count)
  }

  private func map(_ length: Int) -> UInt? {
    let address = unsafe mmap(
      nil, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard unsafe address != MAP_FAILED, let address = unsafe address else { return nil }
    return UInt(bitPattern: address)
  }

  private func lengthen(_ block: Block, to length: Int) -> UInt? {
    let moved = unsafe ck_lengthen_pages(
      UnsafeMutableRawPointer(bitPattern: block.start), block.length, length)
    return unsafe moved.map { UInt(bitPattern: $0) }
  }
}

extension Array {
  /// The first index whose element, and those of all after it, are `second`.
  fileprivate func partition(_ second: (Element) -> Bool) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if second(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
