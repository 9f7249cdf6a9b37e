import ArgumentParser
import Foundation
import Freshet

struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure how fast an encoder is here.",
    discussion: """
      Encodes the texts once to warm up, then --rounds times; and single texts one after the other, \
      as a service would. Loading is not counted, tokenising is.

      With --interactive the commands come from standard input, one per line: encode, latency, \
      quit. Each answers with one line of JSON, so that a driver can let several programs take \
      turns.

      Example: freshet bench --encoder all-MiniLM-L6-v2 --texts questions.jsonl --threads 2
      """)

  @OptionGroup var encoder: EncoderOptions
  @Option(help: "JSON Lines {\"text\"} or strings; .gz too.")
  var texts: String
  @Option(name: .customLong("as"), help: "query or passage; decides the prompt.")
  var role = TextRole.passage
  @Option(help: "Passes over all texts.")
  var rounds = 3
  @Option(help: "Single texts whose latency is measured.")
  var singles = 200
  @Option(help: "NumPy file for the embeddings of the last pass.")
  var out: String?
  @Flag(help: "Take commands from standard input: encode, latency, quit.")
  var interactive = false
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var output: JSONFlag

  func validate() throws {
    try require(rounds, atLeast: 1, "--rounds")
    try require(singles, atLeast: 1, "--singles")
  }

  func run() throws {
    threads.apply()
    let bench = EncoderBench(
      encoder: try encoder.load(), texts: try TextList.read(path: texts), role: role)
    guard !bench.texts.isEmpty else { throw FreshetError(.badInput, "\(texts) holds no text") }
    _ = bench.encode()
    if interactive { return try takeCommands(bench) }
    var last = Matrix(rows: 0, columns: 0)
    for round in 1...rounds {
      let (pass, embeddings) = bench.encode()
      last = embeddings
      try show(pass) { "round \(round) of \(rounds): \($0.line)" }
    }
    try show(bench.latency(of: singles)) { $0.line }
    if let out { try VectorFile.write(last, to: out) }
  }

  private func show<Result: Encodable>(_ result: Result, _ line: (Result) -> String) throws {
    if output.json { try printJSON(result) } else { print(line(result)) }
  }

  private func takeCommands(_ bench: EncoderBench) throws {
    try answer(["ready": true])
    while let line = readLine() {
      switch line.trimmingCharacters(in: .whitespaces) {
      case "encode":
        let (pass, embeddings) = bench.encode()
        if let out { try VectorFile.write(embeddings, to: out) }
        try answer(pass)
      case "latency": try answer(bench.latency(of: singles))
      case "quit": return
      case let other:
        throw ValidationError("\"\(other)\" is no command: encode, latency or quit.")
      }
    }
  }

  /// One line the driver sees at once, also through a pipe.
  private func answer(_ value: some Encodable) throws {
    try printJSON(value)
    fflush(nil)
  }
}

/// One encoder and the texts it is timed on.
struct EncoderBench {
  let encoder: TextEncoder
  let texts: [String]
  let role: TextRole

  /// One pass over all texts.
  struct Pass: Encodable {
    var texts: Int, tokens: Int, truncated: Int
    /// Wall-clock time, and the time of all threads together.
    var seconds: Double, cpuSeconds: Double
    var peakBytes: Int

    var line: String {
      String(
        format: "%d texts, %d tokens in %.2f s: %.0f tokens/s, %.0f per CPU second; %.0f MB at most",
        texts, tokens, seconds, Double(tokens) / seconds, Double(tokens) / cpuSeconds,
        Double(peakBytes) / 1e6)
    }
  }

  /// Texts encoded alone, one after the other.
  struct Latency: Encodable {
    var count: Int
    var p50Milliseconds: Double, p99Milliseconds: Double, meanMilliseconds: Double

    var line: String {
      String(
        format: "one text at a time, %d texts: p50 %.2f ms, p99 %.2f ms, mean %.2f ms", count,
        p50Milliseconds, p99Milliseconds, meanMilliseconds)
    }
  }

  func encode() -> (Pass, Matrix) {
    let startCPU = ProcessUsage.cpuSeconds
    let (encoded, seconds) = timed { encoder.encode(texts, as: role) }
    let pass = Pass(
      texts: texts.count, tokens: encoded.tokens, truncated: encoded.truncatedTexts,
      seconds: seconds, cpuSeconds: ProcessUsage.cpuSeconds - startCPU,
      peakBytes: ProcessUsage.peakBytes)
    return (pass, encoded.embeddings)
  }

  /// Texts beyond the list's end start at its beginning again.
  func latency(of count: Int) -> Latency {
    let milliseconds = (0..<count).map { i in
      1000 * timed { encoder.encode([texts[i % texts.count]], as: role) }.seconds
    }.sorted()
    return Latency(
      count: count, p50Milliseconds: milliseconds[(count - 1) / 2],
      p99Milliseconds: milliseconds[(count - 1) * 99 / 100],
      meanMilliseconds: milliseconds.reduce(0, +) / Double(count))
  }

  private func timed<Result>(_ body: () -> Result) -> (result: Result, seconds: Double) {
    let start = ContinuousClock.now
    let result = body()
    return (result, (ContinuousClock.now - start) / .seconds(1))
  }
}
