import Encoder
import Foundation
import Tensors
import TestSupport
import Testing

@testable import Training

@Suite("Memory is planned before a run")
struct MemoryPlanTests {
  /// MiniLM's sizes: 22.7 million weights.
  static let miniLM = BERTConfiguration(
    vocabularySize: 30_522, hiddenSize: 384, layerCount: 6, headCount: 12, intermediateSize: 1536)
  static let weights = 90_852_864
  static let mebibyte = 1 << 20

  static func footprint(
    _ networks: Int = 1, resident: Int = 126_000_000, pairs: Int = 10_000
  ) -> TrainingFootprint {
    let network = TrainingFootprint.Network(miniLM, weightBytes: weights)
    return TrainingFootprint(
      networks: [TrainingFootprint.Network](repeating: network, count: networks), dimension: 384,
      mappedBytes: 80_000_000, residentBytes: resident, pairs: pairs, threads: 2)
  }

  static let squad = TextLengths(
    query: .init(of: [12, 13, 14, 15, 16], longest: 32),
    passage: .init(of: [100, 128, 128, 128], longest: 128))

  static func configuration(
    _ method: TrainingMethod, batch: Int = 128, micro: Int = 8, bank: Int = 0, negatives: Int = 0
  ) -> TrainingConfiguration {
    TrainingConfiguration(
      method: method, batchSize: batch, microBatchSize: micro, negativesPerQuery: negatives,
      steps: 10, bankSize: method == .contAccum ? max(bank, 128) : bank)
  }

  static let all: [TrainingConfiguration] = [
    configuration(.inBatch), configuration(.gradAccum), configuration(.gradCache),
    configuration(.contAccum), configuration(.gradCache, batch: 65_536, negatives: 1),
    configuration(.gradCache, batch: 1024, bank: 2048), configuration(.inBatch, batch: 2),
  ]
  static let caps = [600, 700, 1024, 2048, 4096, 65_536].map { ByteSize(bytes: $0 * mebibyte) }

  func bytes(_ plan: MemoryPlan, _ purpose: MemoryPlan.Purpose) -> Int {
    plan.parts.filter { $0.purpose == purpose }.reduce(0) { $0 + $1.bytes }
  }

  @Test("what does not depend on the texts is counted once for each tower")
  func fixedParts() throws {
    var configuration = Self.configuration(.gradAccum)
    for (towers, networks) in [(1, 1), (2, 1), (2, 2), (1, 2)] {
      configuration.towers = towers == 1 ? .tied : .untied
      let plan = try MemoryPlan(for: configuration, Self.footprint(networks), Self.squad)
      #expect(bytes(plan, .process) == 46_000_000)
      #expect(bytes(plan, .weights) == towers * Self.weights)
      #expect(bytes(plan, .gradients) == towers * Self.weights)
      #expect(bytes(plan, .moments) == 2 * towers * Self.weights)
      #expect(bytes(plan, .packedWeights) == towers * Self.miniLM.packedTrainingBytes)
      #expect(plan.peakBytes == plan.parts.reduce(0) { $0 + $1.bytes })
    }
  }

  @Test("a bank takes its embeddings, sides and negatives", arguments: [128, 1024, 65_536])
  func bank(size: Int) throws {
    var configuration = Self.configuration(.contAccum, bank: size, negatives: 2)
    var plan = try MemoryPlan(for: configuration, Self.footprint(), Self.squad)
    let embeddings = size * 384 * (2 + 2) * 4
    #expect(bytes(plan, .bank) >= embeddings)
    configuration.bankSides = .passages
    let both = bytes(plan, .bank)
    plan = try MemoryPlan(for: configuration, Self.footprint(), Self.squad)
    #expect(both - bytes(plan, .bank) >= size * 384 * 4)
  }

  @Test("a fitted run stays below its cap and keeps its objective", arguments: all, caps)
  func fits(configuration: TrainingConfiguration, cap: ByteSize) throws {
    let fitted: (plan: MemoryPlan, configuration: TrainingConfiguration)
    do {
      fitted = try MemoryPlan.fitting(configuration, Self.footprint(), Self.squad, cap: cap)
    } catch {
      #expect(error.code == .doesNotFit)
      #expect(cap < ByteSize(bytes: 4096 * Self.mebibyte))
      return
    }
    #expect(fitted.plan.peakBytes <= cap.bytes && fitted.plan.cap == cap)
    #expect(fitted.plan.keptTokens <= fitted.plan.groupTokens)
    #expect(fitted.plan.chunkTokens <= fitted.plan.groupTokens)
    // What a plan says of a configuration is what it said when it made it.
    let again = try MemoryPlan(for: fitted.configuration, Self.footprint(), Self.squad)
    #expect(again.parts == fitted.plan.parts)
    var objective = fitted.configuration
    objective.chunkRows = configuration.chunkRows
    objective.chunkTokens = configuration.chunkTokens
    objective.keptTokens = configuration.keptTokens
    #expect(objective == configuration)
  }

  @Test("more memory keeps more activations, and all of them in the end")
  func monotone() throws {
    let configuration = Self.configuration(.gradCache)
    var before = -1
    for cap in stride(from: 700, through: 3000, by: 100) {
      let plan = try MemoryPlan.fitting(
        configuration, Self.footprint(), Self.squad, cap: ByteSize(bytes: cap * Self.mebibyte)
      ).plan
      #expect(plan.keptTokens >= before)
      before = plan.keptTokens
    }
    #expect(before == TrainingMemory(
      configuration: configuration, footprint: Self.footprint(), lengths: Self.squad).groupTokens)
  }

  @Test("the least cap that a refusal names is enough, and a byte less than the least is not")
  func least() throws {
    for configuration in Self.all {
      let memory = TrainingMemory(
        configuration: configuration, footprint: Self.footprint(), lengths: Self.squad)
      let least = memory.peak(memory.leastCut)
      func fit(_ bytes: Int) throws -> MemoryPlan {
        try MemoryPlan.fitting(
          configuration, Self.footprint(), Self.squad, cap: ByteSize(bytes: bytes)
        ).plan
      }
      #expect(try fit(least).peakBytes == least)
      let error = #expect(throws: TrainingError.self) { try fit(least - 1) }
      #expect(error?.code == .doesNotFit)
      let cap = "a cap of \((least + Self.mebibyte - 1) / Self.mebibyte)MiB"
      #expect(error?.message.contains(cap) == true, "\(error?.message ?? "")")
    }
  }

  @Test("a refusal says which bank, batch or micro-batch would fit, and it does")
  func remedies() throws {
    let cap = ByteSize(bytes: 1024 * Self.mebibyte)
    func refusal(_ configuration: TrainingConfiguration) -> String {
      do {
        _ = try MemoryPlan.fitting(configuration, Self.footprint(), Self.squad, cap: cap)
        return "it fits"
      } catch {
        return error.message
      }
    }
    func number(after words: String, in text: String) throws -> Int {
      let rest = try #require(text.components(separatedBy: words).dropFirst().first)
      return try #require(Int(rest.prefix { $0.isNumber }))
    }
    var bank = Self.configuration(.contAccum, bank: 1_000_000)
    bank.bankSize = try number(after: "a bank of at most ", in: refusal(bank))
    #expect(bank.bankSize > 10_000 && refusal(bank) == "it fits")
    bank.bankSize += 1
    #expect(refusal(bank) != "it fits")

    var batch = Self.configuration(.gradCache, batch: 1_000_000)
    batch.batchSize = try number(after: "a batch of at most ", in: refusal(batch))
    #expect(batch.batchSize > 1000 && refusal(batch) == "it fits")
  }

  @Test("the chunk of a run that goes on is kept, or the run refused")
  func resumed() throws {
    let configuration = Self.configuration(.gradCache)
    func plan(_ cap: Int, chunk: Int) throws -> MemoryPlan {
      try MemoryPlan.fitting(
        configuration, Self.footprint(), Self.squad, cap: ByteSize(bytes: cap * Self.mebibyte),
        chunkTokens: chunk
      ).plan
    }
    for chunk in [200, 512, 2048] { #expect(try plan(2048, chunk: chunk).chunkTokens == chunk) }
    let error = #expect(throws: TrainingError.self) { try plan(600, chunk: 2048) }
    #expect(error?.message.contains("2048 tokens, which the run was begun with") == true)
  }

  @Test("sampled negatives count: their texts, the passages' embeddings, the corrector")
  func sampled() throws {
    let passages = 1_000_000, embeddings = passages * 384 * 4
    var footprint = Self.footprint()
    footprint.passages = passages
    func plan(_ source: NegativeSource?) throws -> MemoryPlan {
      var configuration = Self.configuration(.gradCache)
      configuration.sampling = source.map { NegativeSampling($0, perQuery: 8) }
      return try MemoryPlan(for: configuration, footprint, Self.squad)
    }
    let none = try plan(nil)
    #expect(bytes(none, .corpus) == 0 && bytes(none, .corrector) == 0)
    let given = try MemoryPlan(
      for: Self.configuration(.gradCache, negatives: 8), footprint, Self.squad)
    for source in NegativeSource.allCases {
      let plan = try plan(source)
      #expect(plan.groupTokens == given.groupTokens && plan.groupTokens > none.groupTokens)
      let copies =
        switch source {
        case .uniform: 0
        case .stale: 1
        case .corrected, .reEncode: 2
        }
      #expect((copies * embeddings..<(copies + 1) * embeddings).contains(bytes(plan, .corpus)))
      let parameters = 2 * 384 * 512 + 384 + 512
      #expect((bytes(plan, .corrector) >= 5 * parameters * 4) == (source == .corrected))
      #expect(plan.peakBytes >= given.peakBytes + copies * embeddings)
    }
  }

  @Test("an invalid configuration is refused as such")
  func invalid() {
    let error = #expect(throws: TrainingError.self) {
      try MemoryPlan.fitting(
        Self.configuration(.gradAccum, micro: 7), Self.footprint(), Self.squad,
        cap: ByteSize(bytes: 1 << 40))
    }
    #expect(error?.code == .invalidConfiguration)
  }
}

@Suite("Lengths of texts")
struct TextLengthsTests {
  @Test("the bound on a group's tokens", arguments: [0, 1, 7, 128])
  func bound(count: Int) {
    let exact = TextLengths(query: .init(longest: 32), passage: .init(longest: 128))
    #expect(exact.tokens(queries: count, passages: 2 * count) == count * (32 + 256))
    let same = TextLengths(query: .init(of: [9, 9], longest: 32), passage: .init(longest: 128))
    #expect(same.tokens(queries: count, passages: 0) == 9 * count)
    let spread = MemoryPlanTests.squad
    let tokens = spread.tokens(queries: count, passages: count)
    #expect(tokens <= count * (32 + 128))
    #expect(count == 0 ? tokens == 0 : Double(tokens) > Double(count) * (14 + 121))
  }

  @Test("of no texts nothing is known but the longest")
  func empty() {
    #expect(TextLengths.Distribution(of: [], longest: 5) == TextLengths.Distribution(longest: 5))
  }

  @Test("a sample of real pairs") func sample() throws {
    let fixture = try TrainingFixture()
    let encoder = try TextEncoder(folder: TrainingFixture.encoderFolder)
    let configuration = fixture.configuration()
    let lengths = try TextLengths(
      of: PairList(fixture.pairs), fixture.passages, encoder: encoder, configuration)
    let queries = fixture.pairs.map {
      encoder.tokenize($0.query, as: .query, maximumLength: configuration.maximumQueryLength)
        .ids.count
    }
    #expect(lengths.query.sample == fixture.pairs.count)
    #expect(
      abs(lengths.query.mean * Double(queries.count) - Double(queries.reduce(0, +))) < 1e-9)
    #expect(lengths.passage.longest <= configuration.maximumPassageLength)
  }
}

@Suite("Sizes in bytes")
struct ByteSizeTests {
  static let written: [(String, Int)] = [
    ("2GiB", 2_147_483_648), ("2G", 2_147_483_648), ("2g", 2_147_483_648), ("2GB", 2_000_000_000),
    ("1500MB", 1_500_000_000), ("1.5 GiB", 1_610_612_736), ("512MiB", 536_870_912),
    ("800k", 819_200), ("7", 7), ("7b", 7), (" 1TiB ", 1_099_511_627_776), ("0.5Mi", 524_288),
  ]

  @Test("are read as people write them", arguments: written)
  func parses(text: String, bytes: Int) throws {
    #expect(try ByteSize(parsing: text).bytes == bytes)
  }

  @Test("or refused", arguments: ["", "GiB", "2 gallons", "-1G", "0", "1e3", "99999999T", "1.2.3M"])
  func refuses(text: String) {
    let error = #expect(throws: TrainingError.self) { try ByteSize(parsing: text) }
    #expect(error?.code == .invalidConfiguration)
  }

  @Test("are shown in MiB and GiB")
  func shown() {
    #expect(ByteSize(bytes: 3 << 19).description == "1.5 MiB")
    #expect(ByteSize(bytes: 12 << 30).description == "12.0 GiB")
  }

  @Test("of a process are read from the kernel's words")
  func status() {
    let memory = ProcessMemory(status: "Name:\tx\nVmHWM:\t  2048 kB\nVmRSS:\t    1024 kB\n")
    #expect(memory == ProcessMemory(status: "VmRSS: 1024 kB\nVmHWM: 2048 kB"))
    #expect(memory.resident == 1 << 20 && memory.peak == 2 << 20)
    #expect(ProcessMemory(status: "").resident == 0)
    #expect(ProcessMemory.current.resident > 1 << 20)
  }
}

@Suite("What a run holds is what was planned")
struct PlannedRunTests {
  @Test(
    "matrices of two steps, at most",
    arguments: TrainingMethod.allCases, [nil, 40, 200] as [Int?])
  func measured(method: TrainingMethod, chunk: Int?) throws {
    let task = ToyTask(count: 64)
    let encoder = try TextEncoder(folder: TrainingFixture.encoderFolder)
    var configuration = TrainingConfiguration(
      method: method, batchSize: 16, microBatchSize: 8, negativesPerQuery: 0, steps: 2,
      bankSize: method == .contAccum ? 16 : 0, checkpointEvery: 0)
    configuration.chunkTokens = chunk
    configuration.keptTokens = chunk == 40 ? 80 : 0
    let pairs = try PairList(task.pairs)
    var footprint = TrainingFootprint(of: encoder, pairs: pairs.count)
    footprint.residentBytes = footprint.mappedBytes
    let lengths = try TextLengths(of: pairs, task.passages, encoder: encoder, configuration)
    let plan = try MemoryPlan(for: configuration, footprint, lengths)
    let trainer = try Trainer(
      encoder: encoder, pairs: pairs, passages: task.passages, configuration: configuration)
    let measured = try MatrixMemory.peakBytes { _ = try trainer.run() }
    let planned = plan.parts.filter { $0.purpose != .work && $0.purpose != .dataOrder }
      .reduce(0) { $0 + $1.bytes }
    // The encoder is tiny: biases and vectors of a few rows weigh here.
    #expect(Double(measured) <= 1.10 * Double(planned), "\(measured), planned \(planned)")
    #expect(Double(measured) >= 0.80 * Double(planned), "\(measured), planned \(planned)")
  }
}
