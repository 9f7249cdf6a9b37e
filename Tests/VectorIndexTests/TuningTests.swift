import Foundation
import Tensors
import Testing

@testable import VectorIndex

@Suite("Tuning")
struct TuningTests {
  private static let vectors = clusteredVectors(12_000, dimension: 40, spread: 0.5)
  private static let queries = clusteredVectors(100, dimension: 40, spread: 0.5, seed: 2)
  private static let others = clusteredVectors(100, dimension: 40, spread: 0.5, seed: 3)

  @Test(
    "reaches the recall, on other queries too, with no more effort than for a higher one",
    arguments: ["HNSW12", "IVF64,Flat", "IVF64,PQ8"])
  func reaches(recipe: String) throws {
    let index = try FaissIndex.build(.faiss(recipe), vectors: Self.vectors, seed: 1)
    let truth = try ExactIndex(Self.vectors).search(Self.others, k: 10)
    var efforts: [Int] = []
    for recall in [0.6, 0.9] {
      let tuning = try index.tuning(queries: Self.queries, target: IndexTarget(recall: recall))
      #expect(tuning.recall >= recall && tuning.queries == 100 && tuning.k == 10)
      let found = try index.tuned(tuning).search(Self.others, k: 10)
      #expect(neighborRecall(found, of: truth, k: 10) >= recall - 0.08)
      efforts.append(tuning.efSearch ?? tuning.probes ?? 0)
    }
    #expect(efforts[0] > 0 && efforts[0] <= efforts[1], "\(recipe): \(efforts)")
  }

  @Test("what a caller says counts, what the index was tuned to fills the rest")
  func precedence() throws {
    let index = try FaissIndex.build(.faiss("IVF64,Flat"), vectors: Self.vectors, seed: 1)
    let tuned = index.tuned(
      IndexTuning(efSearch: nil, probes: 64, exactReRank: false, recall: 1, k: 10, queries: 1))
    let exact = try ExactIndex(Self.vectors).search(Self.queries, k: 10)
    #expect(try tuned.search(Self.queries, k: 10).map { $0.map(\.row) } == exact.map { $0.map(\.row) })
    let one = SearchParameters(probes: 1)
    #expect(
      try tuned.search(Self.queries, k: 10, parameters: one)
        == index.search(Self.queries, k: 10, parameters: one))
  }

  @Test("is stored with the index and read again")
  func stored() throws {
    let folder = try TemporaryFolder()
    let index = try FaissIndex.build(.faiss("HNSW12"), vectors: Self.vectors, seed: 1)
    let tuning = try index.tuning(queries: Self.queries, target: IndexTarget(recall: 0.8))
    try IndexFiles.write(
      index.tuned(tuning), folder: folder.url, generation: 4, fingerprint: "f", now: Date())
    let opened = try IndexFiles.open(
      folder: folder.url, generation: 4, fingerprint: "f", expectedCount: 12_000,
      vectors: Self.vectors)
    #expect((opened as? FaissIndex)?.tuning == tuning)
  }

  @Test("the memory decides among the recipes", arguments: [
    (nil, "HNSW32"), (900_000_000, "HNSW32"), (600_000_000, "HNSW16"), (450_000_000, "Flat"),
    (60_000_000, "IVF4000,PQ32"), (1, "IVF4000,PQ1"),
  ] as [(Int?, String)])
  func memory(limit: Int?, recipe: String) {
    let choice = FaissIndex.automaticRecipe(count: 1_000_000, dimension: 384, memory: limit)
    #expect(choice.recipe == recipe)
    if let limit, limit > 1 { #expect(choice.bytes <= limit) }
  }

  @Test("what cannot be reached or makes no sense")
  func refusals() throws {
    let index = try FaissIndex.build(.faiss("PQ4"), vectors: Self.vectors, seed: 1)
    let tuning = try index.tuning(queries: Self.queries, target: IndexTarget(recall: 1))
    #expect(tuning.recall < 1 && tuning.exactReRank)
    for target in [IndexTarget(recall: 0), IndexTarget(recall: 1.1), IndexTarget(k: 0)] {
      let error = indexError { _ = try index.tuning(queries: Self.queries, target: target) }
      #expect(error?.code == .invalidArgument)
    }
  }
}
