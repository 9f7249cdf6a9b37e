public import Foundation

/// Where vector files lie, and how large they are.
///
/// A vector file is a generation's embeddings and nothing else: little-endian Float32, row after
/// row, row i belonging to passage row i. It is made once and never changed.
public enum VectorFiles {
  /// `<folder>/vectors/<generation>.f32`.
  public static func path(folder: URL, generation: Int) -> URL {
    CollectionLayout(folder: folder).vectors.appendingPathComponent("\(generation).f32")
  }

  /// The bytes of a file of `rows` vectors of `columns` floats.
  public static func byteCount(rows: Int, columns: Int) -> Int {
    rows * columns * MemoryLayout<Float>.size
  }
}
