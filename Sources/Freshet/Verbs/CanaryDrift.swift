/// How far the embeddings that are served lie from what an encoder gives now, on a few passages.
public struct CanaryDrift: Sendable, Equatable, Codable {
  /// Canaries of one kind.
  public struct Rows: Sendable, Equatable, Codable {
    /// Passages measured.
    public var count: Int
    /// Mean 1 − cosine of the served and the encoded vector, `[low, estimate, high]`: a 95%
    /// bootstrap interval over passages.
    public var drift: [Double]
    /// Mean error that was predicted for them when they were corrected; nil for encoded ones.
    public var predictedError: Double?
  }

  /// The generation that is served.
  public var generation: Int
  /// Fingerprint of the encoder that the canaries were encoded by.
  public var encoder: String
  /// Whether it is the generation's own: then what was encoded by it should not have drifted.
  public var isOwnEncoder: Bool
  /// All canaries, and those among them whose served embedding came from the encoder or from a
  /// corrector; nil where there is none of that kind.
  public var all: Rows, encoded: Rows?, corrected: Rows?
}
