import Tensors
import Testing

@testable import VectorIndex

@Suite struct RecipeTests {
  @Test(
    "a recipe is read and kept in its shortest spelling",
    arguments: [
      ("Flat", "Flat"), ("SQ8", "SQ8"), ("SQfp16", "SQfp16"), ("PQ16", "PQ16"), ("PQ8x8", "PQ8"),
      ("PQ8x6", "PQ8x6"), ("HNSW", "HNSW32"), ("HNSW16", "HNSW16"), ("HNSW32,Flat", "HNSW32"),
      ("HNSW24,SQ8", "HNSW24,SQ8"), ("IVF1,Flat", "IVF1,Flat"), ("IVF256,PQ48", "IVF256,PQ48"),
      ("IVF64,SQ4", "IVF64,SQ4"),
    ])
  func reads(_ text: String, _ spelling: String) throws {
    #expect(try IndexRecipe(parsing: text) == .faiss(spelling))
    #expect(try IndexRecipe(parsing: text).description == spelling)
  }

  @Test(arguments: ["auto", "AUTO"]) func readsAutomatic(_ text: String) throws {
    #expect(try IndexRecipe(parsing: text) == .automatic)
  }

  @Test(
    "what is not answered as promised is refused before FAISS sees it",
    arguments: [
      "", ",Flat,IDMap", "IVF0,Flat", "IVF-4,Flat", "IVF99999999999999999999,Flat",
      "IVF0_HNSW32,Flat", "HNSW1", "HNSW0", "HNSW1000", "HNSW32,PQ8", "PQ0", "PQ8x2", "PQ8x16",
      "IDMap,Flat", "IDMap2,Flat", "Flat,IDMap", "PCA0,Flat", "Flat\0", "HNSW３２", "IVF16 ,Flat",
      "PCA99999999,Flat", "Flat;SQ8",
    ])
  func refuses(_ text: String) {
    let error = indexError { _ = try IndexRecipe(parsing: text) }
    #expect(error?.code == .unsupportedRecipe)
    #expect(error?.message.contains("recipe '\(text)'") == true)
  }

  @Test(
    "what FAISS does not understand, or measures otherwise, is refused before anything is computed",
    arguments: ["flat", "Flat,", "Flat,Flat", "IVF16", "HNSW+8", "LSH", "SQ5", "(Flat", "PQ", "Whatever,PQ8"])
  func refusedByFaiss(_ text: String) {
    let error = indexError {
      try FaissIndex.check(IndexRecipe(parsing: text), count: 1000, dimension: 32)
    }
    #expect(error != nil)
    #expect(error?.message.contains("recipe '\(text)'") == true)
  }

  @Test("automatic scans few vectors and walks a graph over many", arguments: [
    (0, "Flat"), (1, "Flat"), (52_083, "Flat"), (52_084, "HNSW32"), (5_000_000, "HNSW32"),
  ])
  func automatic(count: Int, recipe: String) {
    let choice = FaissIndex.automaticRecipe(count: count, dimension: 384)
    #expect(choice.recipe == recipe)
    #expect(choice.why.contains("\(count)"))
  }

  @Test("training needs are told before FAISS is asked", arguments: [
    ("IVF16,Flat", 15, "16"), ("PQ8", 255, "256"), ("PQ8x4", 15, "16"), ("IVF16,PQ8", 200, "256"),
    ("IVF300,PQ8", 299, "300"), ("SQ8", 0, "1"), ("IVF1,Flat", 0, "1"), ("HNSW16,SQ8", 0, "1"),
  ])
  func tooFewToTrain(recipe: String, count: Int, needed: String) {
    let error = indexError {
      _ = try FaissIndex.build(.faiss(recipe), vectors: clusteredVectors(count), seed: 0)
    }
    #expect(error?.code == .untrained)
    #expect(error?.message.contains("needs at least \(needed) vectors") == true)
    #expect(error?.message.contains("there are \(count)") == true)
  }

  @Test("exactly as many vectors as centroids are enough", arguments: [
    ("IVF16,Flat", 16), ("PQ8x4", 16), ("PQ8", 256), ("IVF16,PQ8", 256), ("SQ8", 1), ("SQ4", 1),
  ])
  func justEnoughToTrain(recipe: String, count: Int) throws {
    let vectors = clusteredVectors(count)
    let index = try FaissIndex.build(.faiss(recipe), vectors: vectors, seed: 0)
    #expect(keepsPromises(try index.search(vectors, k: 3), k: 3, count: count))
  }

  @Test func dimensionsThatPQCannotDivideAreRefused() {
    let error = indexError {
      _ = try FaissIndex.build(.faiss("PQ7x4"), vectors: clusteredVectors(50), seed: 0)
    }
    #expect(error?.code == .invalidArgument)
    #expect(error?.message.contains("32 dimensions") == true)
  }
}
