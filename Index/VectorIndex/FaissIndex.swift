internal import FaissShim
internal import Tensors

/// A FAISS index over passage embeddings, with inner product as its metric.
///
/// Immutable once built or loaded, and safe to search from several threads. Vectors given to
/// `build`, or attached when loading, are kept (a mapped file costs no memory). With them `Flat` is
/// answered by our own scan, and a graph by our own walk over 8-bit codes of the vectors with exact
/// scores for what it finds (``GraphSearch``), both several times faster than FAISS; and compressed
/// recipes can re-rank.
public final class FaissIndex: VectorIndex {
  public let dimension: Int
  public let count: Int
  public var recipe: String { shape.factoryString }

  let handle: FaissHandle
  let shape: RecipeShape
  /// The vectors that were indexed, when they are at hand.
  let vectors: Matrix?
  /// What searches use when their caller gives no parameters; nil for ``SearchParameters``' own.
  public let tuning: IndexTuning?
  /// Looks at all of these vectors.
  let scan: ExactScan?
  /// Whether codes stand for the vectors under a graph.
  let isCoded: Bool

  /// About how many bytes it holds in memory, besides the mapped vectors; 0 when that is not known.
  public var bytes: Int { shape.bytes(count: count, dimension: dimension) }

  /// The version of FAISS in use, "1.7.3".
  public static let faissVersion = unsafe String(cString: fs_faiss_version())

  /// - Parameter foreign: the recipe of an index that is passed through to FAISS, which does not tell.
  init(
    adopting handle: FaissHandle, vectors: Matrix?, foreign recipe: String = "foreign",
    tuning: IndexTuning? = nil
  ) {
    let description = handle.description
    self.handle = handle
    shape =
      description.foreign != 0
      ? RecipeShape(storage: .foreign, access: .foreign(recipe: recipe)) : RecipeShape(description)
    dimension = Int(description.dimension)
    count = Int(description.count)
    isCoded = description.coded != 0
    self.vectors = vectors
    self.tuning = tuning
    scan = vectors.map(ExactScan.init)
    precondition(
      vectors.map { $0.rows == count && $0.columns == dimension } ?? true,
      "vectors of another shape than the index: they are compared before")
  }
}

extension RecipeShape {
  /// What an index that exists is.
  init(_ description: fs_description) {
    storage =
      switch description.codec {
      case FS_CODEC_SQ4: .scalar("SQ4")
      case FS_CODEC_SQ6: .scalar("SQ6")
      case FS_CODEC_SQ8: .scalar("SQ8")
      case FS_CODEC_FP16: .scalar("SQfp16")
      case FS_CODEC_PQ:
        .product(parts: Int(description.pq_parts), bits: Int(description.pq_bits))
      default: .full
      }
    if description.links > 0 {
      access = .graph(links: Int(description.links))
    } else if description.lists > 0 {
      access = .lists(count: Int(description.lists))
    } else {
      access = .scan
    }
  }
}
