import Encoder
import Foundation
import Tensors

/// The embeddings of all passages by the encoder a run began with: made once, then only read.
///
/// Beside checkpoints they are a file, which memory maps; a run that goes on finds it there.
struct StaleCache: Sendable {
  /// (N, d).
  let embeddings: Matrix
  /// Over what they are of, and all values.
  let digest: String

  private static let format = "freshet stale embeddings 1"
  private static let tensor = "embeddings"

  /// What the embeddings are of.
  struct Origin: Sendable, Equatable {
    /// Fingerprint of the encoder.
    let encoder: String
    /// Digest of ids and texts.
    let corpus: String
    /// Tokens of a passage at most.
    let maximumLength: Int

    fileprivate var text: String { "\(encoder) \(corpus) \(maximumLength)" }
  }

  /// Embeddings that were just made, held in memory.
  init(_ embeddings: Matrix, of origin: Origin) {
    self.embeddings = embeddings
    digest = Self.digest(embeddings, origin)
  }

  private init(_ embeddings: Matrix, digest: String) {
    (self.embeddings, self.digest) = (embeddings, digest)
  }

  /// Writes the file, whole or not at all, and maps it in the place of the memory.
  ///
  /// - Throws: `EncoderError.io` when the system refuses.
  func moved(to file: URL, of origin: Origin) throws -> StaleCache {
    try SafetensorsFile.write(
      [(Self.tensor, [embeddings.rows, embeddings.columns], embeddings)],
      metadata: ["format": Self.format, "origin": origin.text, "sha256": digest], to: file.path)
    return StaleCache(try SafetensorsFile(path: file.path).matrix(Self.tensor), digest: digest)
  }

  /// Maps a file that was written before; reads it once, to be sure that it is whole.
  ///
  /// - Returns: nil when there is no file, or one of something else.
  /// - Throws: `TrainingError.damagedCheckpoint`, or an `EncoderError`, when it is not whole.
  init?(_ file: URL, of origin: Origin) throws {
    guard FileManager.default.fileExists(atPath: file.path) else { return nil }
    let stored = try SafetensorsFile(path: file.path)
    guard stored.metadata["format"] == Self.format, stored.metadata["origin"] == origin.text
    else { return nil }
    embeddings = try stored.matrix(Self.tensor)
    digest = Self.digest(embeddings, origin)
    guard stored.metadata["sha256"] == digest else {
      throw TrainingError(
        .damagedCheckpoint,
        "\(file.path) is damaged: its contents do not have the digest it was written with")
    }
  }

  private static func digest(_ embeddings: Matrix, _ origin: Origin) -> String {
    var digest = Digest()
    digest.add(origin.text)
    digest.add(embeddings)
    return digest.hexadecimal()
  }
}
