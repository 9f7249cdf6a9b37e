internal import Synchronization

/// Everything the service counts about itself, and its text for `GET /metrics`.
final class ServiceMetrics: Sendable {
  let requests = Counter(
    "freshet_http_requests_total", help: "Requests answered, by route and status.",
    labels: ["route", "status"])
  let durations = Histogram(
    "freshet_http_request_duration_seconds",
    help: "Time from a request's head to its response, by route.", label: "route",
    bounds: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0])
  let searches = Counter("freshet_searches_total", help: "Queries searched for.")
  let embeddedTexts = Counter("freshet_embedded_texts_total", help: "Texts embedded for clients.")
  let embeddedTokens = Counter(
    "freshet_embedded_tokens_total", help: "Tokens of the texts embedded for clients.")
  let truncatedTexts = Counter(
    "freshet_truncated_texts_total", help: "Embedded texts that lost their end.")
  private let inFlight = Atomic(0)

  func requestBegan() {
    inFlight.add(1, ordering: .relaxed)
  }

  /// Counts one answered request; exactly once for every `requestBegan()`.
  func requestEnded(route: String, status: Int, seconds: Double) {
    inFlight.subtract(1, ordering: .relaxed)
    requests.add(1, route, status.description)
    durations.observe(seconds, route)
  }

  /// The whole exposition. `info` is nil while the backend cannot answer.
  func text(info: ServiceInfo?) -> String {
    var metrics = MetricText()
    requests.write(to: &metrics)
    durations.write(to: &metrics)
    gauge(
      "freshet_http_requests_in_flight", "Requests begun and not yet answered.",
      inFlight.load(ordering: .relaxed), to: &metrics)
    for counter in [searches, embeddedTexts, embeddedTokens, truncatedTexts] {
      counter.write(to: &metrics)
    }
    gauge(
      "freshet_backend_up", "1 when the collection answers.", info == nil ? 0 : 1, to: &metrics)
    if let info { write(info, to: &metrics) }
    return metrics.text
  }

  private func write(_ info: ServiceInfo, to metrics: inout MetricText) {
    if let generation = info.generation {
      let label = (name: "encoder", value: info.encoder ?? "")
      gauge(
        "freshet_active_generation", "The active generation's number, with its encoder.",
        generation, [label], to: &metrics)
    }
    gauge("freshet_passages", "Passages in the collection.", info.passages, to: &metrics)
    gauge("freshet_encoded_embeddings", "Embeddings from text.", info.encoded, to: &metrics)
    gauge("freshet_corrected_embeddings", "Embeddings moved.", info.corrected, to: &metrics)
    gauge("freshet_pending_passages", "Passages not embedded yet.", info.pending, to: &metrics)
  }

  private func gauge(
    _ name: String, _ help: String, _ value: Int, _ labels: [(name: String, value: String)] = [],
    to metrics: inout MetricText
  ) {
    metrics.family(name, type: "gauge", help: help)
    metrics.sample(name, labels, value.description)
  }
}
