import Foundation
import Service
import Synchronization

/// A small real backend: bag-of-words embeddings and exact search, all deterministic.
///
/// Each word adds 1 to one of `dimension` slots chosen by its bytes; rows are scaled to unit
/// length. A text of more than `maximumTokens` words is cut there, as an encoder would; the text
/// `nan` embeds to NaNs, as a damaged encoder would.
final class WordBackend: RetrievalBackend {
  struct Passage {
    var id: String
    var title: String
    var text: String
    var predictedError: Double?
  }

  static let dimension = 16
  static let maximumTokens = 12
  static let fingerprint = "f00d"

  static let corpus = [
    Passage(id: "tea", title: "Tea", text: "green tea and black tea"),
    Passage(id: "rain", title: "", text: "rain falls on the \"plain\"\n", predictedError: 0.125),
    Passage(id: "sea", title: "Sea", text: "the cold sea and the rain"),
  ]

  private struct State {
    var generation: Int? = 7
    var failure: (any Error)?
    var roles: [EmbeddingRole] = []
    var searches: [SearchQuery] = []
  }

  private let state = Mutex(State())
  /// Blocks every call of `search` and `embed` while closed.
  let latch = Latch()

  var generation: Int? {
    get { state.withLock { $0.generation } }
    set { state.withLock { $0.generation = newValue } }
  }

  /// Thrown by every call from now on; nil ends that.
  func fail(with error: (any Error)?) {
    state.withLock { $0.failure = error }
  }

  var rolesSeen: [EmbeddingRole] { state.withLock { $0.roles } }
  var searchesSeen: [SearchQuery] { state.withLock { $0.searches } }

  func search(_ query: SearchQuery) throws -> SearchAnswer {
    latch.pass()
    let generation = try state.withLock { state in
      if let failure = state.failure { throw failure }
      state.searches.append(query)
      guard let generation = state.generation else {
        throw BackendError(.unavailable, "no generation is active")
      }
      return generation
    }
    let target = Self.vector(query.text)
    let hits = Self.corpus.map { passage in
      SearchHit(
        id: passage.id, score: Self.dot(target, Self.vector(passage.text)),
        provenance: passage.predictedError == nil ? .encoded : .corrected,
        predictedError: passage.predictedError, title: passage.title, text: passage.text)
    }
    let best = hits.sorted { ($1.score, $0.id) < ($0.score, $1.id) }.prefix(query.limit)
    return SearchAnswer(generation: generation, encoder: Self.fingerprint, hits: Array(best))
  }

  func embed(_ texts: [String], role: EmbeddingRole) throws -> EmbeddingAnswer {
    latch.pass()
    try state.withLock { state in
      if let failure = state.failure { throw failure }
      state.roles.append(role)
    }
    return EmbeddingAnswer(
      vectors: texts.map(Self.vector), model: "word-counts", encoder: Self.fingerprint,
      tokenCounts: texts.map { Self.words($0).count },
      truncatedTexts: texts.filter { $0.split(separator: " ").count > Self.maximumTokens }.count)
  }

  func info() throws -> ServiceInfo {
    let (generation, failure) = state.withLock { ($0.generation, $0.failure) }
    if let failure { throw failure }
    return ServiceInfo(
      generation: generation, encoder: generation.map { _ in Self.fingerprint },
      model: "word-counts", dimension: Self.dimension, passages: Self.corpus.count,
      encoded: 2, corrected: 1, pending: 4, version: "1.2.3")
  }

  static func words(_ text: String) -> [Substring] {
    Array(text.split(separator: " ").prefix(maximumTokens))
  }

  static func vector(_ text: String) -> [Float] {
    var counts = [Float](repeating: 0, count: dimension)
    for word in words(text) {
      let hash = word.utf8.reduce(UInt64(14_695_981_039_346_656_037)) {
        ($0 ^ UInt64($1)) &* 1_099_511_628_211
      }
      counts[Int(hash % UInt64(dimension))] += 1
    }
    let norm = dot(counts, counts).squareRoot()
    return text == "nan" ? counts.map { $0 / 0 } : counts.map { $0 / max(norm, 1) }
  }

  static func dot(_ a: [Float], _ b: [Float]) -> Float {
    zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
  }
}

/// A door that calls wait at while it is closed, and that counts how many wait.
///
/// @unchecked Sendable: both values are only touched while `condition` is locked.
final class Latch: @unchecked Sendable {
  private let condition = NSCondition()
  private var isClosed = false
  private var waiting = 0

  func close() {
    condition.withLock { isClosed = true }
  }

  func open() {
    condition.withLock {
      isClosed = false
      condition.broadcast()
    }
  }

  func pass() {
    condition.withLock {
      waiting += 1
      condition.broadcast()
      while isClosed { condition.wait() }
      waiting -= 1
    }
  }

  /// Blocks until `count` calls are inside. For threads, not for tasks.
  func waitUntilInside(_ count: Int) {
    condition.withLock {
      while waiting < count { condition.wait() }
    }
  }
}
