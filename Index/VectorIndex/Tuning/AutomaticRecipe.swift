/// What was chosen for some vectors, and why.
public struct RecipeChoice: Sendable, Equatable {
  /// A FAISS factory string.
  public let recipe: String
  /// One sentence.
  public let why: String
  /// Bytes it will hold in memory, besides the mapped vectors.
  public let bytes: Int
}

extension FaissIndex {
  /// Up to so many numbers (vectors times dimensions) every vector is compared: that takes about
  /// half a millisecond on one core and is exact, and there is no graph to build and to store.
  static let largestAutomaticScan = 20_000_000

  /// The recipe that ``IndexRecipe/automatic`` stands for.
  ///
  /// A scan for few vectors; for many, the richest that fits the memory: a graph, a thinner graph, a
  /// scan of codes, inverted lists of product codes.
  /// - Parameter memory: bytes the index may hold besides the mapped vectors; nil for no limit.
  public static func automaticRecipe(
    count: Int, dimension: Int, memory: Int? = nil
  ) -> RecipeChoice {
    let limit = memory ?? .max
    func choice(_ recipe: String, _ why: String) -> RecipeChoice {
      let bytes = (try? RecipeShape(parsing: recipe))?.bytes(count: count, dimension: dimension)
      return RecipeChoice(recipe: recipe, why: why, bytes: bytes ?? 0)
    }
    let scan = choice(
      "Flat",
      "\(count) vectors of \(dimension) dimensions are compared one by one, exactly, with nothing "
        + "to build")
    if count * dimension <= largestAutomaticScan { return scan }
    let many = "\(count) vectors are too many to compare one by one"
    let graphs = [
      choice("HNSW32", "\(many); a graph leads to the nearest while looking at a few thousand"),
      choice("HNSW16", "\(many); a graph of 16 links is what fits \(limit) bytes"),
    ]
    if let graph = graphs.first(where: { $0.bytes <= limit }) { return graph }
    if scan.bytes <= limit {
      return choice("Flat", "\(many) quickly, but no graph fits \(limit) bytes; codes of all do")
    }
    return choice(
      productRecipe(count: count, dimension: dimension, memory: limit),
      "neither a graph nor 8-bit codes of \(count) vectors fit \(limit) bytes; product codes in "
        + "inverted lists are the smallest there is")
  }

  /// Inverted lists, some 4 √n of them, of the longest product codes that fit.
  private static func productRecipe(count: Int, dimension: Int, memory: Int) -> String {
    let lists = max(1, min(Int(4 * Double(count).squareRoot()), count / 39))
    let parts = (1...dimension).filter { dimension % $0 == 0 && $0 <= dimension / 2 }
    let fitting = parts.last { parts in
      RecipeShape(storage: .product(parts: parts, bits: 8), access: .lists(count: lists))
        .bytes(count: count, dimension: dimension) <= memory
    }
    return "IVF\(lists),PQ\(fitting ?? parts.first ?? 1)"
  }

  /// The shape that `recipe` means for these vectors.
  static func resolve(
    _ recipe: IndexRecipe, count: Int, dimension: Int, memory: Int? = nil
  ) throws(IndexError) -> RecipeShape {
    switch recipe {
    case .automatic:
      try RecipeShape(
        parsing: automaticRecipe(count: count, dimension: dimension, memory: memory).recipe)
    case .faiss(let text): try RecipeShape(parsing: text)
    }
  }
}

extension RecipeShape {
  /// About how many bytes an index holds in memory, besides the mapped vectors; 0 for foreign kinds.
  func bytes(count: Int, dimension: Int) -> Int {
    let row: Int =
      switch (access, storage) {
      case (.scan, .full): (dimension + 3) / 4 * 4 + 12  // codes, scale and losses; see CodedVectors
      case (.graph, .full): (dimension + 63) / 64 * 64 + 4
      case (_, .full): 4 * dimension
      case (_, .scalar("SQ4")): (dimension + 1) / 2
      case (_, .scalar("SQ6")): (dimension * 6 + 7) / 8
      case (_, .scalar("SQfp16")): 2 * dimension
      case (_, .scalar): dimension
      case (_, .product(let parts, let bits)): (parts * bits + 7) / 8
      case (_, .foreign): 0
      }
    switch access {
    case .scan: return count * row
    // Links of 4 bytes: 2 M on the lowest level, M for one in M rows above it; offset and level.
    case .graph(let links): return count * (row + 4 * (2 * links + 1) + 12)
    case .lists(let lists): return count * (row + 8) + 4 * lists * dimension
    case .foreign: return 0
    }
  }
}
