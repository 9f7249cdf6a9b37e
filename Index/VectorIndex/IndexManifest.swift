public import Foundation

/// What stands in the JSON file beside a stored index: what it is of, and what its bytes are.
public struct IndexManifest: Codable, Sendable, Equatable {
  /// SHA-256 of the FAISS file, in hexadecimal.
  public let sha256: String
  /// Length of the FAISS file in bytes.
  public let bytes: Int
  /// Fingerprint of the encoder whose embeddings are indexed.
  public let fingerprint: String
  /// The generation whose embeddings are indexed.
  public let generation: Int
  /// Number of vectors.
  public let count: Int
  /// Rows in the FAISS file when they are fewer: it was built before the others came, and is extended.
  public let covered: Int?
  /// Rows of the file whose vectors are others by now.
  public let changed: [Int]?
  /// Elements per vector.
  public let dimension: Int
  /// How the index is built, as a FAISS factory string.
  public let recipe: String
  /// What its searches use when their caller gives no parameters, and what they were found to reach.
  public let tuning: IndexTuning?
  /// The FAISS that wrote it.
  public let faissVersion: String
  /// When it was written, to the second.
  public let createdAt: Date

  private static let encoder: JSONEncoder = {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.dateEncodingStrategy = .iso8601
    return encoder
  }()

  func json() throws(IndexError) -> Data {
    do {
      return try IndexManifest.encoder.encode(self)
    } catch {
      throw IndexError(.invalidArgument, "the manifest cannot be written as JSON: \(error)")
    }
  }

  /// Reads a manifest; whatever is wrong with it is damage, named.
  init(readingFile path: String) throws(IndexError) {
    guard FileManager.default.fileExists(atPath: path) else {
      throw IndexError(.damaged, "\(path) is missing: the index must be built")
    }
    let decoder = JSONDecoder()
    decoder.dateDecodingStrategy = .iso8601
    do {
      self = try decoder.decode(
        IndexManifest.self, from: Data(contentsOf: URL(fileURLWithPath: path)))
    } catch is DecodingError {
      throw IndexError(.damaged, "\(path) is not an index manifest: the index must be rebuilt")
    } catch {
      throw IndexError(.io, "cannot read \(path): \(error)")
    }
  }
}

extension IndexManifest {
  /// What stands beside a copy of the same file for a later generation of `count` vectors.
  init(extending former: IndexManifest, to generation: Int, count: Int, changed: RowSet, now: Date) {
    sha256 = former.sha256
    bytes = former.bytes
    fingerprint = former.fingerprint
    self.generation = generation
    self.count = count
    covered = former.covered ?? former.count
    self.changed = changed.rows
    dimension = former.dimension
    recipe = former.recipe
    tuning = former.tuning
    faissVersion = former.faissVersion
    createdAt = IndexManifest.seconds(now)
  }

  private static func seconds(_ now: Date) -> Date {
    Date(timeIntervalSince1970: now.timeIntervalSince1970.rounded(.down))
  }

  init(
    describing index: FaissIndex, sha256: String, bytes: Int, fingerprint: String,
    generation: Int, now: Date
  ) {
    self.sha256 = sha256
    self.bytes = bytes
    self.fingerprint = fingerprint
    self.generation = generation
    count = index.count
    covered = nil
    changed = nil
    dimension = index.dimension
    recipe = index.recipe
    tuning = index.tuning
    faissVersion = FaissIndex.faissVersion
    createdAt = IndexManifest.seconds(now)
  }
}
