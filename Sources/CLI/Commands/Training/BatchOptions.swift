public import ArgumentParser
public import Freshet

/// How an update is put together: the method, its sizes, and the memory bank.
struct BatchOptions: ParsableArguments {
  @Option(
    help: """
      in-batch; grad-accum (little memory, few negatives); grad-cache (the whole batch's gradient in \
      the memory of a chunk, a third slower); cont-accum (grad-accum with a memory bank).
      """)
  var method = TrainingMethod.inBatch
  @Option(help: "Pairs per update.")
  var batch = 32
  @Option(help: "Pairs per loss of grad-accum and cont-accum.")
  var microBatch = 8
  @Option(
    help: """
      The most memory the process may take, such as 2GiB: how many tokens are encoded at once is \
      then chosen to fit, the batch, its losses and the bank stay as they are.
      """, transform: { try ByteSize(parsing: $0) })
  var memory: ByteSize?
  @Option(help: "Texts encoded at once by grad-cache.")
  var chunk = 16
  @Option(help: "Tokens encoded at once, by any method; no bound unless given.")
  var chunkTokens: Int?
  @Option(
    help: "Examples in the memory bank: \(Self.bankDefault) with cont-accum, else 0, unless given.")
  var bank: Int?
  @Option(help: "How long embeddings stay in the bank: run, or update (cleared after each).")
  var bankScope = BankScope.run
  @Option(help: "What the bank holds: both, or passages.")
  var bankSides = BankSides.both
  @Option(help: "One encoder for queries and passages, or two: tied, untied.")
  var towers = TowerTying.tied
  @Option(help: "Pairs that fill no batch at the end of an epoch: dropped, or scaled.")
  var shortBatch = ShortBatch.dropped

  static let bankDefault = 512

  func validate() throws {
    for (value, option) in [
      (batch, "--batch"), (microBatch, "--micro-batch"), (chunk, "--chunk"),
      (chunkTokens ?? 1, "--chunk-tokens"),
    ] {
      try require(value, atLeast: 1, option)
    }
    try require(bank, atLeast: method == .contAccum ? 1 : 0, "--bank")
  }

  func apply(to configuration: inout TrainingConfiguration) {
    configuration.method = method
    configuration.batchSize = batch
    configuration.microBatchSize = microBatch
    configuration.chunkRows = chunk
    configuration.chunkTokens = chunkTokens
    configuration.bankSize = bank ?? (method == .contAccum ? Self.bankDefault : 0)
    configuration.bankScope = bankScope
    configuration.bankSides = bankSides
    configuration.towers = towers
    configuration.shortBatch = shortBatch
  }
}

extension TrainingMethod: ExpressibleByArgument {}
extension BankScope: ExpressibleByArgument {}
extension BankSides: ExpressibleByArgument {}
extension TowerTying: ExpressibleByArgument {}
extension ShortBatch: ExpressibleByArgument {}
