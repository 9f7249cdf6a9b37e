public import Encoder
public import Foundation
internal import Tensors

/// A folder of vectors that were made elsewhere by an encoder that is at hand.
///
/// It holds what ``PassageCollection/export(to:options:progress:shouldStop:)`` writes: `corpus.npy`
/// or `corpus.fvecs`; `corpus.jsonl` (.gz too), or `corpus.ids.txt` for passages that are in the
/// collection already; perhaps `corpus.lineage.jsonl` and `index.faiss`.
public struct ImportFolder {
  let encoder: TextEncoder
  let vectors: VectorFile
  /// By row of the vectors.
  let ids: [String]
  /// In the same order, when the folder has texts.
  let passages: [Passage]?
  /// How the vectors were made, when the folder says so; else all are taken for encoded.
  let lineage: ExportLineage?
  /// A FAISS file, when there is one.
  let index: IndexFile?

  /// Reads the passages and, where there are texts, encodes some of them again and compares: vectors
  /// of another encoder would be found by nobody.
  ///
  /// - Parameter encoder: the one that made the vectors, with its prompts and its normalisation.
  /// - Throws: `FreshetError`: `badInput` naming the file that is missing or does not fit, `empty`,
  ///   `wrongEncoder` saying how the vectors differ.
  public init(_ folder: URL, encoder: TextEncoder) throws {
    self.encoder = encoder
    vectors = try VectorFile("corpus", in: folder)
    let texts = try TextFile(beside: vectors.path, rows: vectors.rows)
    if texts.hasTexts {
      let passages = try PassageCollection.passages(contentsOf: texts.path)
      (self.passages, ids) = (passages, passages.map(\.id))
    } else {
      (passages, ids) = (nil, try texts.ids())
    }
    try texts.check(lines: ids.count)
    guard !ids.isEmpty else { throw FreshetError(.empty, "\(vectors.path): holds no vector") }
    let files = ExchangeFolder(url: folder)
    let exists = { (path: String) in FileManager.default.fileExists(atPath: path) }
    lineage = try exists(files.lineage) ? ExportLineage(path: files.lineage) : nil
    index =
      exists(files.index)
      ? IndexFile(path: files.index, recipe: lineage?.generation.index) : nil
    try checkLineage()
    if let passages { try check(against: passages) }
  }

  /// How many passages are encoded again.
  private static let sample = 16
  /// How far from them, as a share of their length, the vectors may lie on average: half-precision
  /// arithmetic stays well below, another encoder, pooling or prompt does not.
  private static let tolerance: Float = 0.05

  /// - Throws: `FreshetError`: `wrongEncoder` when the folder says another one made the vectors,
  ///   `badInput` when what it says is of other vectors.
  private func checkLineage() throws(FreshetError) {
    guard let lineage else { return }
    guard lineage.rows.count == vectors.rows else {
      throw FreshetError(
        .badInput,
        "\(lineage.path) is of \(lineage.rows.count) vectors, \(vectors.path) has \(vectors.rows): "
          + "remove it when the vectors are not those of the export")
    }
    guard lineage.generation.encoder == encoder.fingerprint else {
      throw FreshetError(
        .wrongEncoder,
        "\(lineage.path): the vectors are of the encoder \(lineage.generation.encoder.prefix(12)), "
          + "the given one is \(encoder.fingerprint.prefix(12)): give the one that made them")
    }
  }

  /// Encodes some passages and compares. What a corrector made is near what the encoder gives, not
  /// equal: it is not looked at.
  ///
  /// - Parameter passages: in the order of the vectors.
  /// - Throws: `FreshetError.wrongEncoder` saying how the vectors differ.
  func check(against passages: [Passage]) throws {
    func problem(_ what: String) -> FreshetError {
      FreshetError(.wrongEncoder, "\(vectors.path): \(what)")
    }
    guard encoder.dimension == vectors.columns else {
      throw problem(
        "has \(vectors.columns) dimensions, the encoder gives \(encoder.dimension): give the one "
          + "that made the vectors")
    }
    let encoded = passages.indices.filter { lineage?.rows[$0].provenance != .corrected }
    let count = min(Self.sample, encoded.count)
    let places = (0..<count).map { encoded[$0 * encoded.count / count] }
    let given = try vectors.gathering(places)
    let made = encoder.encode(places.map { passages[$0].embeddedText }, as: .passage).embeddings
    let apart = places.indices.map { i in
      distance(given.row(i), made.row(i)) / max(length(made.row(i)), .leastNormalMagnitude)
    }
    guard apart.reduce(0, +) / Float(max(count, 1)) <= Self.tolerance else {
      let cosines = places.indices.map { cosine(given.row($0), made.row($0)) }
      let lengths = places.indices.map { length(given.row($0)) }
      throw problem(
        String(
          format: "the vectors are not what the encoder gives: of %d passages encoded again, the "
            + "cosine is %.3f on average and the given vectors' length %.3f; give the encoder that "
            + "made them, with its prompts and its normalisation", count,
          cosines.reduce(0, +) / Float(count), lengths.reduce(0, +) / Float(count)))
    }
  }
}

private func length(_ vector: [Float]) -> Float { distance(vector, vector.map { _ in 0 }) }

private func distance(_ a: [Float], _ b: [Float]) -> Float {
  zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
}

private func cosine(_ a: [Float], _ b: [Float]) -> Float {
  let product = zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
  return product / max(length(a) * length(b), .leastNormalMagnitude)
}
