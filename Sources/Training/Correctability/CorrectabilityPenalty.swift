import Encoder
import Tensors

/// Keeps the embeddings of passages predictable from what is cheap to know of them, so that a
/// corrector can later move stored ones instead of encoding the texts again.
///
/// Adds `w · mean over passages of ‖g(y) − a(x)‖²` to the loss, where x is the passage's embedding by
/// the encoder the run began with, and the means of that one's and of the present word embeddings
/// over its tokens: what a text-aware corrector reads. The map a is a ``DriftMap``. The gradient goes
/// to g(y) alone; neither map nor x is moved by it. (Our own; no paper.)
struct CorrectabilityPenalty: Sendable {
  private let beginning: PackedModel
  /// w.
  let weight: Double

  /// - Parameter beginning: the network of passages that the run began with.
  init(_ beginning: EmbeddingModel, weight: Double) {
    self.beginning = PackedModel(beginning)
    self.weight = weight
  }

  /// Numbers that are cheap to know of a passage.
  static func inputs(of model: EmbeddingModel) -> Int { model.dimension + 2 * model.hiddenWidth }

  /// What is cheap to know of passages, `(passages, p)`.
  ///
  /// - Parameters:
  ///   - tokens: of each passage.
  ///   - present: the network as it is.
  func inputs(_ tokens: [[Int32]], promptLength: Int, present: EmbeddingModel) -> Matrix {
    .concatenatingColumns([
      beginning.encode(tokens, promptLength: promptLength),
      beginning.model.wordMeans(of: tokens), present.wordMeans(of: tokens),
    ])
  }

  /// The mean squared distance from what is foretold, and the gradient of the penalty.
  ///
  /// - Parameters:
  ///   - embeddings: `(n, d)`, n > 0.
  ///   - share: weight of these passages in the update.
  static func evaluate(
    _ embeddings: Matrix, foretold: Matrix, weight: Double, share: Double
  ) -> (distance: Double, gradient: Matrix) {
    var change = embeddings
    change.add(foretold, scaledBy: -1)
    let distance = change.sumOfSquares() / Double(embeddings.rows)
    change.scale(by: Float(2 * weight * share / Double(embeddings.rows)))
    return (distance, change)
  }
}

/// The penalty of one update: what it adds to the groups' gradients, and what the map learns after.
struct UpdatePenalty {
  private let penalty: CorrectabilityPenalty
  private let map: DriftMap
  private let present: EmbeddingModel
  private let promptLength: Int
  private var inputs: [Matrix] = [], embeddings: [Matrix] = []
  /// Mean squared distance of the update's passages from what was foretold, by the groups' shares.
  private(set) var distance = 0.0

  init(
    _ penalty: CorrectabilityPenalty, _ map: DriftMap, present: EmbeddingModel, promptLength: Int
  ) {
    (self.penalty, self.map, self.present) = (penalty, map, present)
    self.promptLength = promptLength
  }

  /// The gradient for the passages of one loss, `(columns, d)`.
  mutating func gradient(
    _ tokens: [[Int32]], _ columns: Matrix, share: Double
  ) -> Matrix {
    let known = penalty.inputs(tokens, promptLength: promptLength, present: present)
    let found = CorrectabilityPenalty.evaluate(
      columns, foretold: map.foretell(known), weight: penalty.weight, share: share)
    inputs.append(known)
    embeddings.append(columns)
    distance += share * found.distance
    return found.gradient
  }

  /// The map after the update.
  func learned() -> DriftMap {
    var map = map
    if !inputs.isEmpty {
      map.learn(.concatenatingRows(inputs), .concatenatingRows(embeddings))
    }
    return map
  }
}
