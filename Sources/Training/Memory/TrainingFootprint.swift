public import Encoder
import Tensors

/// What a process holds before it trains, and the networks it is about to train.
public struct TrainingFootprint: Sendable, Equatable {
  /// A network to train.
  public struct Network: Sendable, Equatable {
    /// Its architecture.
    public let architecture: BERTConfiguration
    /// Bytes of its weights.
    public let weightBytes: Int

    /// A network from its numbers.
    public init(_ architecture: BERTConfiguration, weightBytes: Int) {
      self.architecture = architecture
      self.weightBytes = weightBytes
    }
  }

  /// The encoder's networks: one, or the query's and the passage's.
  public var networks: [Network]
  /// Columns of an embedding.
  public var dimension: Int
  /// Weights of the encoder that are pages of its files: they leave memory when the weights are
  /// first changed.
  public var mappedBytes: Int
  /// Bytes resident in the process: program, tokenizer, encoder, data.
  public var residentBytes: Int
  /// Pairs to train on.
  public var pairs: Int
  /// Passages of the corpus, when negatives are sampled from it.
  public var passages: Int
  /// Threads that compute.
  public var threads: Int

  /// A footprint from its numbers.
  public init(
    networks: [Network], dimension: Int, mappedBytes: Int, residentBytes: Int, pairs: Int,
    passages: Int = 0, threads: Int
  ) {
    precondition((1...2).contains(networks.count), "an encoder of \(networks.count) networks")
    self.networks = networks
    self.dimension = dimension
    self.mappedBytes = mappedBytes
    self.residentBytes = residentBytes
    self.pairs = pairs
    self.passages = passages
    self.threads = threads
  }

  /// The footprint of this process as it is: to be taken when encoder and data are there and
  /// nothing else has been done.
  public init(of encoder: TextEncoder, pairs: Int, passages: Int = 0) {
    MatrixMemory.releaseKept()
    let models = encoder.isTied ? [encoder.model] : [encoder.model(for: .query), encoder.model]
    self.init(
      networks: models.map {
        Network($0.bert.configuration, weightBytes: $0.parameters.count * 4)
      },
      dimension: encoder.dimension,
      mappedBytes: models.flatMap(\.parameters.values).reduce(0) {
        $0 + ($1.isMapped ? $1.count * 4 : 0)
      },
      residentBytes: ProcessMemory.current.resident, pairs: pairs,
      passages: passages, threads: Threads.count)
  }

  /// Bytes that stay resident whatever is trained: all but the mapped weights.
  var baseBytes: Int { max(residentBytes - mappedBytes, 0) }

  /// The networks a run trains.
  func trained(_ towers: TowerTying) -> [Network] {
    guard towers == .untied else { return Array(networks.suffix(1)) }
    return networks.count == 2 ? networks : networks + networks
  }
}
