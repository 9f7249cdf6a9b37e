import Foundation
import Glibc

/// One TCP connection spoken to byte by byte, for what a polite HTTP client never does.
/// Every call blocks: use it inside `onThread`.
final class RawConnection {
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  private let descriptor: Int32
  private var received: [UInt8] = []

  init(port: Int) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    let status = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard status == 0 else { throw Failure(description: "connect: errno \(errno)") }
  }

  deinit { close(descriptor) }

  func send(_ text: String) throws {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { throw Failure(description: "send: errno \(errno)") }
      bytes = bytes.dropFirst(count)
    }
  }

  /// The next answer: status and body, delimited by its Content-Length.
  func receive() throws -> (status: Int, body: String) {
    let head = try readHead()
    let lines = head.components(separatedBy: "\r\n")
    let words = lines[0].split(separator: " ")
    guard words.count > 1, let status = Int(words[1]) else {
      throw Failure(description: "not a status line: \(lines[0])")
    }
    let length = lines.first { $0.lowercased().hasPrefix("content-length:") }
      .flatMap { Int($0.dropFirst(15).trimmingCharacters(in: .whitespaces)) }
    return (status, String(decoding: try take(length ?? 0), as: UTF8.self))
  }

  /// True when something came that was not read yet. Does not wait.
  var hasAnswer: Bool {
    var byte: UInt8 = 0
    return recv(descriptor, &byte, 1, Int32(MSG_DONTWAIT | MSG_PEEK)) > 0
  }

  /// Ends both directions; reading and sending fail from now on.
  func end() {
    shutdown(descriptor, Int32(SHUT_RDWR))
  }

  /// True when the peer closed and nothing more is to come.
  func isAtEnd() throws -> Bool {
    if !received.isEmpty { return false }
    return try !readMore()
  }

  private func readHead() throws -> String {
    let end = Array("\r\n\r\n".utf8)
    while true {
      if let range = received.firstRange(of: end) {
        return String(decoding: try take(range.upperBound), as: UTF8.self)
      }
      guard try readMore() else { throw Failure(description: "closed inside the head") }
    }
  }

  private func take(_ count: Int) throws -> [UInt8] {
    while received.count < count {
      guard try readMore() else { throw Failure(description: "closed inside the body") }
    }
    defer { received.removeFirst(count) }
    return Array(received.prefix(count))
  }

  private func readMore() throws -> Bool {
    var chunk = [UInt8](repeating: 0, count: 65536)
    let count = recv(descriptor, &chunk, chunk.count, 0)
    guard count >= 0 else { throw Failure(description: "recv: errno \(errno)") }
    received += chunk.prefix(count)
    return count > 0
  }
}
