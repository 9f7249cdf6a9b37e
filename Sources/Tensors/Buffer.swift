internal import Glibc

/// The memory behind matrices: allocated, taken from the pool of pages when it is large, or mapped
/// read-only from a file.
///
/// @unchecked Sendable: a writable buffer is only written by a `Matrix` that holds the sole
/// reference to it (copy-on-write); a mapped one is never written.
@safe final class Buffer: @unchecked Sendable {
  let base: UnsafeMutablePointer<Float>
  let capacity: Int
  private let mapping: Mapping?

  @safe private struct Mapping {
    let start: UnsafeMutableRawPointer
    let length: Int
  }

  /// Whether elements may be changed in place.
  var isWritable: Bool { mapping == nil }

  /// Memory for `capacity` floats, 64-byte aligned, contents undefined.
  init(uninitialized capacity: Int) {
    let bytes = max(capacity, 1) * MemoryLayout<Float>.stride
    let raw = unsafe bytes < PagePool.leastBytes
      ? .allocate(byteCount: bytes, alignment: 64) : PagePool.shared.take(bytes)
    unsafe base = raw.bindMemory(to: Float.self, capacity: max(capacity, 1))
    self.capacity = capacity
    mapping = nil
    MatrixMemory.add(bytes)
  }

  /// Maps `capacity` floats at `byteOffset` of the file at `path`, read-only.
  init(mapping path: String, byteOffset: Int, capacity: Int) throws(MappingError) {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw MappingError(path, unsafe String(cString: strerror(errno))) }
    defer { close(descriptor) }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else {
      throw MappingError(path, unsafe String(cString: strerror(errno)))
    }
    let end = byteOffset + capacity * MemoryLayout<Float>.stride
    let size = Int(status.st_size)
    guard byteOffset >= 0, byteOffset % 4 == 0, size >= end else {
      throw MappingError(
        path, "needs \(end) bytes, the file has \(size) (it was cut or is not finished)")
    }
    self.capacity = capacity
    guard capacity > 0 else {
      unsafe base = .allocate(capacity: 1)
      mapping = nil
      MatrixMemory.add(MemoryLayout<Float>.stride)
      return
    }
    let page = Int(sysconf(Int32(_SC_PAGESIZE)))
    let start = byteOffset / page * page
    let length = end - start
    let address = unsafe mmap(nil, length, PROT_READ, MAP_SHARED, descriptor, off_t(start))
    guard let address = unsafe address, unsafe address != MAP_FAILED else {
      throw MappingError(path, unsafe String(cString: strerror(errno)))
    }
    unsafe base = (address + (byteOffset - start)).assumingMemoryBound(to: Float.self)
    mapping = unsafe Mapping(start: address, length: length)
  }

  /// Tells the system that the pages of a mapped file will hardly be read again: they leave this
  /// process's memory and come back when they are touched. Nothing for other memory.
  func dropPages() {
    guard let mapping else { return }
    unsafe madvise(mapping.start, mapping.length, MADV_DONTNEED)
  }

  deinit {
    if let mapping {
      unsafe munmap(mapping.start, mapping.length)
    } else {
      let bytes = max(capacity, 1) * MemoryLayout<Float>.stride
      if bytes < PagePool.leastBytes {
        unsafe base.deallocate()
      } else {
        unsafe PagePool.shared.give(base, bytes)
      }
      MatrixMemory.add(-bytes)
    }
  }
}

/// A file of floats could not be mapped into memory.
public struct MappingError: Error, Sendable, CustomStringConvertible {
  /// The file.
  public let path: String
  /// What is wrong with it.
  public let reason: String

  init(_ path: String, _ reason: String) {
    self.path = path
    self.reason = reason
  }

  public var description: String { "cannot map \(path): \(reason)" }
}
