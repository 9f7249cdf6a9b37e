/// How well corrected vectors stand in for fresh ones, on passages no fitting has seen.
public struct Judgement: Sendable, Codable, Equatable {
  /// Mean cosine of corrected and fresh vectors; the interval is over passages.
  public var cosine: Interval
  /// Mean `KL(P ‖ P_h)` in nats, P the softmax of a query over fresh passages, P_h over corrected
  /// ones; the interval is over queries. 0 is perfect.
  public var kl: Interval
  /// Mean share of a query's true nearest passages (by fresh vectors) among its nearest by
  /// corrected ones; the interval is over queries.
  public var recallAt10: Interval
  /// Neighbours counted in `recallAt10`: 10, or a fifth of the passages when that is fewer (with
  /// ten of eleven passages to find, every corrector would look perfect).
  public var neighbours: Int
  /// Queries asked.
  public var queries: Int
  /// Held-out passages judged, and searched.
  public var passages: Int
}
