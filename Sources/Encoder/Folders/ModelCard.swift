/// What a saved encoder says of itself: the facts of the `README.md` in its folder.
///
/// Who trained it fills it in; sizes, pooling and usage come from the folder itself.
public struct ModelCard: Sendable, Equatable {
  /// A named value of a table.
  public struct Entry: Sendable, Equatable {
    public var name: String
    public var value: String

    public init(_ name: String, _ value: String) { (self.name, self.value) = (name, value) }
  }

  /// The heading.
  public var title: String
  /// One paragraph: what it is and what it was made for.
  public var summary: String
  /// Name of the model it was trained from, as `base_model` names it; nil when there is none.
  public var baseModel: String?
  /// Fingerprint of that model.
  public var baseFingerprint: String?
  /// Further tags, after those that every sentence encoder has.
  public var tags: [String]
  /// What it was trained on: data sets, numbers of pairs, splits.
  public var data: [Entry]
  /// How: the objective and the way of its computation, in sentences.
  public var method: String
  /// Hyper-parameters: batch size, learning rate, steps, seed.
  public var hyperparameters: [Entry]
  /// What was measured, each name saying the set and the metric.
  public var metrics: [Entry]

  /// A card with a heading and nothing else; empty parts are left out of the text.
  public init(
    title: String, summary: String = "", baseModel: String? = nil, baseFingerprint: String? = nil,
    tags: [String] = [], data: [Entry] = [], method: String = "", hyperparameters: [Entry] = [],
    metrics: [Entry] = []
  ) {
    self.title = title
    self.summary = summary
    self.baseModel = baseModel
    self.baseFingerprint = baseFingerprint
    self.tags = tags
    self.data = data
    self.method = method
    self.hyperparameters = hyperparameters
    self.metrics = metrics
  }
}
