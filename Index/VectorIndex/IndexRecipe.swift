/// How an index is to be built.
public enum IndexRecipe: Sendable, Equatable, CustomStringConvertible {
  /// Chosen by size; see `FaissIndex.automaticRecipe(count:dimension:)`.
  case automatic
  /// A FAISS factory string.
  ///
  /// Best served are `Flat`, `SQ8` (`SQ4`, `SQ6`, `SQfp16`), `PQ16` (or `PQ16x6`: 4 to 8 bits),
  /// `HNSW32`, `HNSW32,SQ8`, `IVF256,Flat`, `IVF256,SQ8` and `IVF256,PQ16`, with any numbers: they
  /// take parameters per call, and filters. Other strings of several parts are passed through to
  /// FAISS, which looks at a sixteenth of inverted lists (8 at least) and refines four times as many
  /// candidates as results.
  case faiss(String)

  /// Reads `auto` or a FAISS factory string.
  ///
  /// - Throws: `IndexError.unsupportedRecipe` saying what is wrong and what is served.
  public init(parsing text: String) throws(IndexError) {
    if text.lowercased() == "auto" {
      self = .automatic
    } else {
      self = .faiss(try RecipeShape(parsing: text).factoryString)
    }
  }

  public var description: String {
    switch self {
    case .automatic: "auto"
    case .faiss(let text): text
    }
  }
}
