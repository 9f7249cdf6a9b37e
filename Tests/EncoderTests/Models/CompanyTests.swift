import Encoder
import Tensors
import Testing

/// An embedding is a function of its text alone, to the last bit.
@Suite("Embeddings do not depend on company or threads")
struct CompanyTests {
  static let texts = (0..<37).map { i in
    String(repeating: "fresh bread and stale vectors ", count: i % 7)
      + String("search by meaning".prefix(i % 18))
  }

  @Test(
    "together, alone, in another order, on other threads",
    arguments: ["legacy", "mpnet", "distilbert"], Precision.allCases)
  func company(folder: String, precision: Precision) throws {
    let encoder = try TextEncoder(folder: FolderFixtures.url(folder), precision: precision)
    let together = encoder.encode(Self.texts, as: .passage).embeddings
    #expect(together.firstNonFinite() == nil)
    let reversed = encoder.encode(Self.texts.reversed(), as: .passage).embeddings
    for (i, text) in Self.texts.enumerated() {
      let alone = encoder.encode([text], as: .passage).embeddings
      #expect(together[rows: i..<i + 1] == alone, "text \(i)")
      #expect(reversed[rows: 36 - i..<37 - i] == alone, "text \(i)")
    }
    let threads = Threads.count
    defer { Threads.use(threads) }
    for count in [1, 2, 3] {
      Threads.use(count)
      #expect(encoder.encode(Self.texts, as: .passage).embeddings == together)
    }
  }

  @Test("int16 is near float32, and not the same")
  func precisions() throws {
    let folder = FolderFixtures.url("legacy")
    let exact = try TextEncoder(folder: folder).encode(Self.texts, as: .passage).embeddings
    let fast = try TextEncoder(folder: folder, precision: .int16)
      .encode(Self.texts, as: .passage).embeddings
    #expect(exact != fast)
    let cosines = zip(rowDots(exact, fast), zip(exact.rowNorms(), fast.rowNorms()))
      .map { $0 / ($1.0 * $1.1) }
    #expect(cosines.allSatisfy { $0 > 0.99999 }, "\(cosines.min() ?? 0)")
  }
}
