import Foundation
import Freshet
import Service

/// A collection as the HTTP service sees it.
struct CollectionBackend: RetrievalBackend {
  private let collection: PassageCollection

  init(_ collection: PassageCollection) { self.collection = collection }

  /// Loads the active generation before the first request has to wait for it.
  func warmUp() throws { _ = try? collection.search("warm up", k: 1) }

  func search(_ query: SearchQuery) throws -> SearchAnswer {
    try translated {
      let options = SearchOptions(
        exact: query.isExact, threads: 1, filter: try query.filter.map(Self.filter),
        minimumScore: query.minimumScore, offset: query.offset, hybrid: query.isHybrid)
      let result = try collection.search(query.text, k: query.limit, options: options)
      return SearchAnswer(
        generation: result.generation, encoder: result.encoder,
        hits: result.hits.map {
          Service.SearchHit(
            id: $0.id, score: $0.score,
            provenance: HitProvenance(rawValue: $0.provenance) ?? .encoded,
            predictedError: $0.predictedError, title: $0.title, text: $0.text)
        })
    }
  }

  /// - Throws: `FreshetError.badInput`, which is the client's to mend.
  private static func filter(_ text: String) throws(FreshetError) -> PassageFilter {
    do {
      return try PassageFilter(parsing: text)
    } catch {
      throw FreshetError(.badInput, error.message)
    }
  }

  func embed(_ texts: [String], role: EmbeddingRole) throws -> EmbeddingAnswer {
    try translated {
      let encoder = try collection.activeEncoder()
      let role = role == .query ? TextRole.query : .passage
      let tokens = texts.map { encoder.tokenize($0, as: role) }
      let embeddings = encoder.encode(tokens: tokens.map(\.ids), as: role)
      return EmbeddingAnswer(
        vectors: (0..<embeddings.rows).map(embeddings.row),
        model: encoder.folder.url.lastPathComponent, encoder: encoder.fingerprint,
        tokenCounts: tokens.map(\.ids.count),
        truncatedTexts: tokens.count { $0.truncatedTokens > 0 })
    }
  }

  func info() throws -> ServiceInfo {
    try translated {
      let status = try collection.status()
      let active = status.generations.first { $0.id == status.active }
      let encoder = status.encoders.first { $0.fingerprint == active?.encoder }
      return ServiceInfo(
        generation: active?.id, encoder: active?.encoder, model: encoder?.name ?? "",
        dimension: encoder?.dimension ?? 0, passages: status.passages,
        encoded: active?.encoded ?? 0, corrected: active?.corrected ?? 0,
        pending: status.pending, version: Program.version)
    }
  }

  /// Errors as the service answers them: nothing encoded yet may change, the rest is a defect.
  private func translated<Result>(_ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let error as FreshetError where error.code == .empty {
      throw BackendError(.unavailable, error.message)
    } catch let error as FreshetError where error.code == .badInput {
      throw BackendError(.badRequest, error.message)
    }
  }
}
