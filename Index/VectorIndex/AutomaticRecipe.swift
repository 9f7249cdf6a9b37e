extension FaissIndex {
  /// Up to here every vector is compared: at 384 dimensions a scan of 20,000 takes about two
  /// milliseconds on one core and is exact, and there is no graph to build and to store.
  static let largestAutomaticScan = 20_000

  /// The recipe that `IndexRecipe.automatic` stands for, with the reason in a sentence.
  ///
  /// IVF is never chosen by itself: its recall depends on how many lists are visited, and measured
  /// on 100,000 vectors of 384 dimensions HNSW was both faster and more exact.
  public static func automaticRecipe(
    count: Int, dimension: Int
  ) -> (recipe: String, why: String) {
    if count <= largestAutomaticScan {
      return (
        "Flat",
        "\(count) vectors of \(dimension) dimensions are compared one by one in a few "
          + "milliseconds, exactly, with nothing to build"
      )
    }
    return (
      "HNSW32",
      "\(count) vectors are too many to compare one by one; a graph finds about 97 to 99 of 100 "
        + "true neighbours while looking at a few thousand of them"
    )
  }

  /// The shape that `recipe` means for these vectors.
  static func resolve(
    _ recipe: IndexRecipe, count: Int, dimension: Int
  ) throws(IndexError) -> RecipeShape {
    switch recipe {
    case .automatic:
      try RecipeShape(parsing: automaticRecipe(count: count, dimension: dimension).recipe)
    case .faiss(let text): try RecipeShape(parsing: text)
    }
  }
}
