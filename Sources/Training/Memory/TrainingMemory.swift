import Encoder
import Tensors

/// The memory of a training run by the things it is made of, for any way of cutting a loss's rows.
///
/// Large matrices come from a pool that never holds more than was in use at once
/// (``MatrixMemory/large``): what is in use at the busiest moment of a step is therefore what stays
/// resident, and it follows from extents alone.
struct TrainingMemory: Sendable {
  let configuration: TrainingConfiguration
  let footprint: TrainingFootprint
  let lengths: TextLengths

  /// How the rows of a loss are encoded.
  struct Cut: Sendable, Equatable {
    /// Tokens encoded at once, at most.
    var chunk: Int
    /// Tokens whose activations are kept from the first pass.
    var kept: Int
  }

  /// Queries of one loss.
  private var rows: Int { configuration.groupSize }

  /// Tokens of one loss, at most.
  var groupTokens: Int {
    lengths.tokens(queries: rows, passages: rows * (1 + configuration.hardNegativesPerQuery))
  }

  private var networks: [TrainingFootprint.Network] { footprint.trained(configuration.towers) }

  private var loss: LossMemory {
    LossMemory(configuration, rows: rows, dimension: footprint.dimension)
  }

  private var negatives: NegativeMemory {
    NegativeMemory(
      configuration, passages: footprint.passages, dimension: footprint.dimension,
      longest: lengths.passage.longest)
  }

  /// The cut that the configuration itself asks for.
  var configuredCut: Cut {
    let group = groupTokens
    let byTokens = min(configuration.chunkTokens ?? group, group)
    guard configuration.method == .gradCache || configuration.chunkTokens != nil else {
      return Cut(chunk: group, kept: group)
    }
    let byRows = configuration.method == .gradCache
      ? lengths.tokens(queries: 0, passages: configuration.chunkRows) : group
    let chunk = max(min(byRows, byTokens), min(lengths.longest, group))
    return Cut(chunk: chunk, kept: kept(min(configuration.keptTokens, group), chunk: chunk))
  }

  /// Tokens of whole chunks within `tokens`.
  func kept(_ tokens: Int, chunk: Int) -> Int {
    tokens >= groupTokens ? groupTokens : tokens / chunk * chunk
  }

  /// What does not depend on the cut.
  var fixedParts: [MemoryPlan.Part] {
    let weights = networks.reduce(0) { $0 + $1.weightBytes }
    return [
      .init(.process, footprint.baseBytes),
      .init(.weights, weights),
      .init(.gradients, weights),
      .init(.moments, 2 * weights),
      .init(.packedWeights, networks.reduce(0) { $0 + $1.architecture.packedTrainingBytes }),
      .init(.bank, loss.bank),
      .init(.corpus, negatives.embeddings),
      .init(.corrector, negatives.corrector),
      .init(.drift, driftBytes),
      .init(.dataOrder, footprint.pairs * 32),
      .init(.work, workBytes),
    ]
  }

  /// The network of passages laid out for encoding; the map twice while it learns, the system it is
  /// fitted by in double precision, and what is known of a step's passages.
  private var driftBytes: Int {
    guard configuration.keepCorrectable != nil, let network = networks.last else { return 0 }
    let inputs = footprint.dimension + 2 * network.architecture.hiddenSize + 1
    let passages = configuration.batchSize * (1 + configuration.hardNegativesPerQuery)
    return network.architecture.packedTrainingBytes / 2
      + 2 * (inputs + 2 * footprint.dimension) * inputs * 4
      + 2 * (inputs + 2 * footprint.dimension) * inputs * 8
      + 3 * passages * inputs * 4
  }

  /// Threads and what the system allocator deals in: OpenBLAS's buffers, attention's scratch
  /// memory, stacks; tokens and texts of a batch; a few MiB that writing a checkpoint passes through.
  private var workBytes: Int {
    let texts = rows * (2 + configuration.hardNegativesPerQuery)
    let perThread = 2 << 20 + 3 * lengths.longest * (lengths.longest + 512) * 4
    return 6 << 20 + footprint.threads * perThread + texts * (lengths.longest * 24 + 1024)
  }

  /// What is held at the busiest moment of a step.
  func parts(_ cut: Cut) -> [MemoryPlan.Part] {
    let moments = [firstPass(cut), evaluation(cut), secondPass(cut), encodingCorpus]
    let busiest = moments.max { $0.total < $1.total } ?? moments[0]
    return fixedParts + busiest.parts.filter { $0.bytes > 0 }
  }

  /// Bytes at the busiest moment.
  func peak(_ cut: Cut) -> Int { parts(cut).reduce(0) { $0 + $1.bytes } }

  private struct Moment {
    let parts: [MemoryPlan.Part]
    var total: Int { parts.reduce(0) { $0 + $1.bytes } }
  }

  /// Of the wider network, if there are two.
  private func activations(_ tokens: Int) -> ActivationMemory {
    let all = networks.map { ActivationMemory(of: $0.architecture, tokens: tokens) }
    return all.max { $0.keptBytes < $1.keptBytes } ?? all[0]
  }

  /// The last chunk of the first pass, when some have been kept.
  private func firstPass(_ cut: Cut) -> Moment {
    let passing = min(cut.chunk, groupTokens - cut.kept)
    let last = passing > 0 ? activations(passing).passingBytes : activations(cut.chunk).workingBytes
    return Moment(parts: [
      .init(.activations, activations(cut.kept).keptBytes),
      .init(.working, last),
      .init(.representations, loss.representations),
    ])
  }

  /// Passages on their way to be drawn by: each thread has a batch of them.
  private var encodingCorpus: Moment {
    guard configuration.sampling?.source.drawsByScore == true, footprint.passages > 0 else {
      return Moment(parts: [])
    }
    let passing = activations(512).passingBytes  // tokens of a batch
    return Moment(parts: [
      .init(.working, footprint.threads * passing),
      .init(.representations, negatives.encodedTexts),
    ])
  }

  private func evaluation(_ cut: Cut) -> Moment {
    Moment(parts: [
      .init(.activations, activations(cut.kept).keptBytes),
      .init(.loss, loss.evaluation),
      .init(.representations, loss.representations),
    ])
  }

  /// The gradient of one chunk: the first of those kept, or one that is encoded again.
  private func secondPass(_ cut: Cut) -> Moment {
    let chunk = activations(min(cut.chunk, groupTokens))
    return Moment(parts: [
      .init(.activations, max(activations(cut.kept).keptBytes, chunk.keptBytes)),
      .init(.working, chunk.workingBytes),
      .init(.representations, 2 * loss.representations),
    ])
  }
}
