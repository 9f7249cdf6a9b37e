internal import Corrector
internal import Crypto
internal import Encoder
internal import Foundation
internal import Store
internal import Tensors
internal import VectorIndex

/// One thing a check of the collection looked at.
public struct VerifyFinding: Sendable, Equatable, Codable {
  /// The file or part.
  public var subject: String
  /// Whether it is as it must be.
  public var ok: Bool
  /// What is wrong and what to do, or what was checked.
  public var detail: String
}

extension PassageCollection {
  /// Reads everything and compares it with what is recorded: the database, checksums and sizes of
  /// vectors and indexes, and the fingerprints of encoders.
  ///
  /// - Returns: a finding for each part; damaged indexes are only reported (they are rebuilt when
  ///   they are next used).
  public func verify() throws -> [VerifyFinding] {
    var findings = [
      finding("freshet.sqlite", "SQLite's integrity check passed") { try store.checkIntegrity() }
    ]
    for encoder in try store.encoders() {
      findings.append(
        finding(encoder.path, "the fingerprint is \(encoder.fingerprint.prefix(12))…") {
          let found = try TextEncoder(folder: encoder.url(inCollection: folder)).fingerprint
          guard found == encoder.fingerprint else {
            throw FreshetError(
              .damaged,
              "its fingerprint is \(found.prefix(12))…, not "
                + "\(encoder.fingerprint.prefix(12))…: put the right model back")
          }
        })
    }
    for generation in try store.generations() where generation.state == .ready {
      findings.append(vectorFinding(generation))
      if generation.rowCount > 0 { findings.append(indexFinding(generation)) }
      if let id = generation.corrector { findings.append(correctorFinding(id)) }
    }
    return findings
  }

  private func vectorFinding(_ generation: GenerationRecord) -> VerifyFinding {
    let url = VectorFiles.path(folder: folder, generation: generation.id)
    return finding(
      "vectors/\(url.lastPathComponent)", "\(generation.rowCount) rows, checksum as recorded"
    ) {
      let vectors = try mapVectors(of: generation)
      guard let recorded = generation.vectorsSHA256 else { return }
      var hash = SHA256()
      for start in stride(from: 0, to: vectors.rows, by: Self.rowsPerBlock) {
        let end = min(start + Self.rowsPerBlock, vectors.rows)
        vectors[rows: start..<end].elements.withUnsafeBytes { hash.update(bufferPointer: $0) }
      }
      let found = hash.finalize().map { String(format: "%02x", $0) }.joined()
      guard found == recorded else {
        throw FreshetError(
          .damaged,
          "its checksum is not the recorded one: the file was changed or damaged; roll "
            + "back with `freshet rollback` or encode again")
      }
    }
  }

  private func indexFinding(_ generation: GenerationRecord) -> VerifyFinding {
    finding("index/\(generation.id).faiss", "checksum and manifest agree") {
      _ = try IndexFiles.open(
        folder: folder, generation: generation.id, fingerprint: generation.encoder,
        expectedCount: generation.rowCount, vectors: try? mapVectors(of: generation))
    }
  }

  private func correctorFinding(_ id: String) -> VerifyFinding {
    let url = store.layout.corrector(id: id)
    return finding("correctors/\(url.lastPathComponent)", "it loads") {
      let file = try SafetensorsFile(path: url.path)
      var tensors: [String: Matrix] = [:]
      for name in file.names { tensors[name] = try file.matrix(name) }
      _ = try makeCorrector(tensors: tensors, metadata: file.metadata)
    }
  }

  private func finding(_ subject: String, _ good: String, _ check: () throws -> Void)
    -> VerifyFinding
  {
    do {
      try check()
      return VerifyFinding(subject: subject, ok: true, detail: good)
    } catch {
      return VerifyFinding(subject: subject, ok: false, detail: "\(error)")
    }
  }
}
