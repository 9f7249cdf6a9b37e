import Foundation
import Freshet
import Store
import TestSupport
import Testing

/// What people read when something goes wrong.
@Suite struct ErrorTests {
  @Test func ownErrorsAreTheirMessage() {
    #expect(FreshetError.words(for: FreshetError(.empty, "nothing there")) == "nothing there")
    #expect(FreshetError.words(for: StoreError(.io, "no\nway")) == "no way")
  }

  @Test func errorsOfTheSystemAreFileAndReason() throws {
    let missing = "/nowhere/file"
    let reading = #expect(throws: (any Error).self) {
      try String(contentsOfFile: missing, encoding: .utf8)
    }
    #expect(
      FreshetError.words(for: try #require(reading)) == "\(missing): No such file or directory")
    let writing = #expect(throws: (any Error).self) {
      try Data("x".utf8).write(to: URL(fileURLWithPath: "/nowhere/file"))
    }
    let words = FreshetError.words(for: try #require(writing))
    #expect(words.contains("/nowhere") && words.hasSuffix("No such file or directory"), "\(words)")
    let full = try FileHandle(forWritingTo: URL(fileURLWithPath: "/dev/full"))
    let flushing = #expect(throws: (any Error).self) { try full.write(contentsOf: Data("x".utf8)) }
    #expect(
      FreshetError.words(for: try #require(flushing)).hasSuffix("No space left on device"))
  }
}
