import Foundation
import NIOCore
import Testing

@testable import Service

@Suite("the small pieces") struct PieceTests {
  @Test(
    "strings are escaped so that Foundation reads the same back",
    arguments: [
      "", "plain", "q\"b\\s/", "\n\r\t\u{8}\u{C}\u{0}\u{1F}", "é☔👩‍👩‍👧", "\u{2028}\u{7F}", "\r\n",
    ])
  func strings(text: String) throws {
    var json = JSONWriter()
    json.object { json in
      json.key(text)
      json.string(text)
    }
    let bytes = Data(json.buffer.readableBytesView)
    #expect(try JSONDecoder().decode([String: String].self, from: bytes) == [text: text])
  }

  @Test(
    "floats are written so that they read back bit for bit",
    arguments: [
      0, -0.0, 1, -1, 0.1, 1e-7, 3.4028235e38, 1e-45, 16_777_216, 1 / 3, .pi, -1.0e-38,
    ] as [Float])
  func floats(value: Float) throws {
    var json = JSONWriter()
    try json.array([value]) { json, value in try json.float(value) }
    let bytes = Data(json.buffer.readableBytesView)
    let back = try JSONDecoder().decode([Float].self, from: bytes)
    #expect(back.map(\.bitPattern) == [value.bitPattern])
  }

  @Test("numbers that are none are refused", arguments: [Float.nan, .infinity, -.infinity])
  func notNumbers(value: Float) {
    var json = JSONWriter()
    #expect(throws: JSONWriter.UnwritableNumber.self) { try json.float(value) }
    #expect(throws: JSONWriter.UnwritableNumber.self) { try json.double(Double(value)) }
  }

  @Test("commas stand between values and nowhere else")
  func commas() {
    var json = JSONWriter()
    json.object { json in
      json.key("a")
      json.array([[], [1], [1, 2]]) { json, row in
        json.array(row) { json, value in json.integer(value) }
      }
      json.key("b")
      json.object { _ in }
      json.key("c")
      json.null()
    }
    #expect(String(buffer: json.buffer) == #"{"a":[[],[1],[1,2]],"b":{},"c":null}"#)
  }

  @Test(
    "the first place where a text stops being JSON is found",
    arguments: [
      ("", 1, 1, "a value"), ("{", 1, 2, "a key in quotes"), ("[1,]", 1, 4, "a value"),
      ("{\"a\":1,}", 1, 8, "a key in quotes"), ("[1 2]", 1, 4, "',' or ']'"),
      ("{\"a\"}", 1, 5, "':'"), ("[\n  tru]", 2, 3, "'true'"), ("\"é", 1, 3, "'\"' at the end"),
      ("\"\\x\"", 1, 3, "after a backslash"), ("\"\\u12g4\"", 1, 6, "hexadecimal"),
      ("\"a\nb\"", 1, 3, "no control character"), ("01", 1, 2, "the end"), ("-", 1, 2, "a digit"),
      ("1.", 1, 3, "a digit"), ("1e+", 1, 4, "a digit"), ("nul", 1, 1, "'null'"),
      ("{} {}", 1, 4, "the end"), ("'a'", 1, 1, "a value"), ("NaN", 1, 1, "a value"),
      (String(repeating: "[", count: 513), 1, 513, "less than 512 levels"),
    ])
  func syntaxErrors(text: String, line: Int, column: Int, expected: String) throws {
    let error = try #require(JSONSyntax.firstError(in: Array(text.utf8)))
    #expect(error.line == line)
    #expect(error.column == column)
    #expect(error.expected.contains(expected), "\(error.expected)")
  }

  @Test(
    "what is JSON has no first error",
    arguments: [
      " {} ", "[]", "0", "-0.5e+10", "1E2", #""\u00e9\n\"""#, "[[{\"a\":[null,true,false]}],1]",
      "\t\r\n\"x\"", String(repeating: "[", count: 512) + String(repeating: "]", count: 512),
    ])
  func syntaxGood(text: String) {
    #expect(JSONSyntax.firstError(in: Array(text.utf8)) == nil)
  }

  @Test("keys compare equal only when they are")
  func keyComparison() {
    for key in ["k", "secret", "ключ"] {
      #expect(APIKeyMiddleware.areEqual(key, key))
      for other in ["", key + "x", String(key.dropLast()), key + key, "z"] {
        #expect(!APIKeyMiddleware.areEqual(key, other), "\(key) \(other)")
      }
    }
  }

  @Test("the gate lets its limit in, and the next when one has left", arguments: [1, 2, 7])
  func gate(limit: Int) throws {
    let gate = RequestGate(limit: limit)
    for _ in 0..<limit { try gate.enter() }
    #expect(throws: RequestFailure.self) { try gate.enter() }
    gate.leave()
    try gate.enter()
    #expect(throws: RequestFailure.self) { try gate.enter() }
  }

  @Test("counters add up under many threads")
  func counterThreads() {
    let counter = Counter("c_total", help: "h", labels: ["l"])
    DispatchQueue.concurrentPerform(iterations: 1000) { index in
      counter.add(index % 3, index % 2 == 0 ? "even" : "odd")
    }
    var text = MetricText()
    counter.write(to: &text)
    let sums = [0, 1].map { parity in
      (0..<1000).filter { $0 % 2 == parity }.reduce(0) { $0 + $1 % 3 }
    }
    #expect(
      text.text == """
        # HELP c_total h
        # TYPE c_total counter
        c_total{l="even"} \(sums[0])
        c_total{l="odd"} \(sums[1])

        """)
  }

  @Test("labels and help are escaped as Prometheus reads them")
  func escaping() {
    var text = MetricText()
    text.family("m", type: "gauge", help: "a\\b\nc")
    text.sample("m", [("x", "q\"\\\n")], "1")
    #expect(text.text == "# HELP m a\\\\b\\nc\n# TYPE m gauge\nm{x=\"q\\\"\\\\\\n\"} 1\n")
  }

  @Test("a histogram cumulates, bounds included")
  func histogram() {
    let histogram = Histogram("h", help: "h", label: "r", bounds: [0.5, 1])
    for seconds in [0.25, 0.5, 0.75, 1.0, 1.5] { histogram.observe(seconds, "a") }
    var text = MetricText()
    histogram.write(to: &text)
    #expect(
      text.text == """
        # HELP h h
        # TYPE h histogram
        h_bucket{r="a",le="0.5"} 2
        h_bucket{r="a",le="1.0"} 4
        h_bucket{r="a",le="+Inf"} 5
        h_sum{r="a"} 4.0
        h_count{r="a"} 5

        """)
  }

  static let wrongConfigurations:
    [(@Sendable (inout ServiceConfiguration) -> Void, String)] = [
      ({ $0.host = "" }, "host must not be empty"),
      ({ $0.port = -1 }, "port must be in 0...65535, was -1"),
      ({ $0.port = 65536 }, "port must be in 0...65535, was 65536"),
      ({ $0.computeThreads = 0 }, "computeThreads must be positive, was 0"),
      ({ $0.maximumConcurrentRequests = 0 }, "maximumConcurrentRequests must be positive"),
      ({ $0.maximumBatchTexts = 0 }, "maximumBatchTexts must be positive"),
      ({ $0.maximumTextBytes = -5 }, "maximumTextBytes must be positive, was -5"),
      ({ $0.maximumBodyBytes = 0 }, "maximumBodyBytes must be positive"),
      ({ $0.apiKeys = ["a", ""] }, "an API key is empty"),
      ({ $0.idleTimeout = .zero }, "idleTimeout must be positive"),
      ({ $0.shutdownGrace = .seconds(-1) }, "shutdownGrace must be positive"),
    ]

  @Test("a configuration out of range is refused by name", arguments: 0..<wrongConfigurations.count)
  func configuration(row: Int) {
    let (change, message) = Self.wrongConfigurations[row]
    var configuration = ServiceConfiguration()
    change(&configuration)
    let error = #expect(throws: ServiceError.self) {
      _ = try RetrievalService(
        backend: WordBackend(), configuration: configuration, logger: .silent)
    }
    #expect(error?.code == .invalidConfiguration)
    #expect(error?.message.contains(message) == true)
  }
}
