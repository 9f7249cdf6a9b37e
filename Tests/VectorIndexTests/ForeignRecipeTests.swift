import Tensors
import Testing

@testable import VectorIndex

/// Recipes that are passed through to FAISS.
@Suite("Foreign recipes")
struct ForeignRecipeTests {
  static let recipes: [(recipe: String, recallAt10: Double)] = [
    ("PCA16,Flat", 0.4), ("OPQ8,PQ8", 0.4), ("IVF16,PQ8x4fs", 0.25), ("PQ16x4fs", 0.4),
    ("IVF16,PQ8x4fs,RFlat", 0.5), ("OPQ8,IVF16,PQ8", 0.4), ("IVF16_HNSW16,Flat", 0.98),
    ("L2norm,Flat", 0.99), ("PCA16,HNSW16", 0.4), ("SQ8,RFlat", 0.99), ("RQ4x6", 0.1),
  ]
  private static let vectors = clusteredVectors(2000)
  private static let queries = clusteredVectors(30, seed: 2)
  private static let truth = referenceTopK(queries, vectors, k: 10)

  @Test("are built, stored, opened, and keep the promises of a search", arguments: recipes)
  func works(recipe: String, least: Double) throws {
    let built = try FaissIndex.build(IndexRecipe(parsing: recipe), vectors: Self.vectors, seed: 1)
    #expect(built.recipe == recipe)
    let found = try built.search(Self.queries, k: 10)
    #expect(keepsPromises(found, k: 10, count: 2000))
    let share = recall(found, of: Self.truth)
    #expect(share >= least, "recall@10 of \(recipe) is \(share)")
    let folder = try TemporaryFolder()
    try built.save(to: folder.path("f.faiss"))
    let opened = try FaissIndex.load(
      from: folder.path("f.faiss"), vectors: Self.vectors, recipe: recipe)
    #expect(opened.recipe == recipe)
    #expect(try opened.search(Self.queries, k: 10) == found)
    let ranked = try opened.search(Self.queries, k: 10, parameters: .init(exactReRank: true))
    #expect(recall(ranked, of: Self.truth) >= share)
    let excluded = Set(Self.truth.joined().map(\.row))
    for k in [5, 2000] {
      let rest = try opened.search(
        Self.queries, k: k, parameters: .init(excludedRows: RowSet(excluded)))
      #expect(keepsPromises(rest, k: k, count: 2000, excluding: excluded), "k \(k)")
    }
  }

  @Test("take no parameters of a call that FAISS would ignore")
  func parameters() throws {
    let index = try FaissIndex.build(.faiss("PCA16,Flat"), vectors: Self.vectors, seed: 1)
    let error = indexError {
      _ = try index.search(Self.queries, k: 3, parameters: .init(probes: 4))
    }
    #expect(error?.code == .invalidArgument && error?.message.contains("PCA16,Flat") == true)
  }
}
