import Foundation
import Tensors
import TestSupport
import Testing

@testable import VectorIndex

@Suite("Extended index files")
final class ExtendingTests {
  private let folder: TemporaryFolder
  private let now = Date(timeIntervalSince1970: 1_700_000_000)
  private let first = clusteredVectors(400, dimension: 16)

  init() throws { folder = try TemporaryFolder() }

  private func extend(from former: Int, to generation: Int, count: Int, changed: RowSet) throws
    -> Bool
  {
    try IndexFiles.extend(
      folder: folder.url, former: former, to: generation, fingerprint: "f", count: count,
      changed: changed, now: now)
  }

  private func open(_ generation: Int, _ vectors: Matrix) throws -> any VectorIndex {
    try IndexFiles.open(
      folder: folder.url, generation: generation, fingerprint: "f", expectedCount: vectors.rows,
      vectors: vectors)
  }

  private func store(_ recipe: String) throws {
    let index = try FaissIndex.build(.faiss(recipe), vectors: first, seed: 0)
    try IndexFiles.write(index, folder: folder.url, generation: 0, fingerprint: "f", now: now)
  }

  @Test("a later generation is served by the former's file and a look at what changed, twice over")
  func twice() throws {
    try store("IVF4,Flat")
    var second = Matrix.concatenatingRows([first, clusteredVectors(9, dimension: 16, seed: 4)])
    second.setRow(7, to: second.row(399))
    #expect(second[rows: 0..<400].rowsDiffering(from: first) == [7])
    #expect(try extend(from: 0, to: 1, count: 409, changed: [7]))
    var third = Matrix.concatenatingRows([second, clusteredVectors(5, dimension: 16, seed: 5)])
    third.setRow(405, to: third.row(1))
    third.setRow(20, to: third.row(2))
    #expect(try extend(from: 1, to: 2, count: 414, changed: [20, 405]))

    let queries = clusteredVectors(20, dimension: 16, seed: 6)
    for (generation, vectors) in [(0, first), (1, second), (2, third)] {
      let index = try open(generation, vectors)
      let all = SearchParameters(probes: 4)
      let found = try index.search(queries, k: 12, parameters: all)
      let expected = try ExactIndex(vectors).search(queries, k: 12)
      #expect(found.map { $0.map(\.row) } == expected.map { $0.map(\.row) })
    }
    #expect((try open(2, third) as? ExtendedIndex)?.tail == [7, 20] + Array(400..<414))
    // The file is one, by three names.
    let paths = (0..<3).map { IndexFiles.indexURL(folder: folder.url, generation: $0).path }
    let numbers = try paths.map {
      try FileManager.default.attributesOfItem(atPath: $0)[.systemFileNumber] as? UInt64
    }
    #expect(Set(numbers).count == 1)
  }

  @Test("a scan, another encoder, fewer rows or too many new ones call for a new index")
  func builtAnew() throws {
    try store("Flat")
    #expect(try !extend(from: 0, to: 1, count: 401, changed: []))
    try store("IVF4,Flat")
    #expect(try !extend(from: 0, to: 1, count: 445, changed: []))
    #expect(try extend(from: 0, to: 1, count: 444, changed: []))
    #expect(try !extend(from: 0, to: 2, count: 399, changed: []))
    #expect(try !extend(from: 5, to: 6, count: 401, changed: []))
    let other = try IndexFiles.extend(
      folder: folder.url, former: 0, to: 9, fingerprint: "g", count: 401, changed: [], now: now)
    #expect(!other)
  }

  @Test("a damaged file under an extended index is noticed, and all is built anew")
  func damage() throws {
    try store("IVF4,Flat")
    let second = Matrix.concatenatingRows([first, clusteredVectors(3, dimension: 16, seed: 4)])
    #expect(try extend(from: 0, to: 1, count: 403, changed: []))
    let url = IndexFiles.indexURL(folder: folder.url, generation: 1)
    var bytes = try Data(contentsOf: url)
    bytes[bytes.count / 2] ^= 1
    try bytes.write(to: url)
    #expect(indexError { _ = try self.open(1, second) }?.code == .damaged)
    var reasons: [String] = []
    let index = try IndexFiles.openOrRebuild(
      folder: folder.url, generation: 1, fingerprint: "f", vectors: second,
      recipe: .faiss("IVF4,Flat"), now: now
    ) { reasons.append($0) }
    #expect(index is FaissIndex && index.count == 403 && reasons.count == 1)
    #expect(try open(1, second) is FaissIndex)
  }
}
