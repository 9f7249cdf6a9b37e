import Foundation
import Reports
import TestSupport
import Testing

@testable import Training

@Suite("Training report")
struct TrainingReportTests {
  let folder: TemporaryFolder
  var samples: ReportSamples { ReportSamples(folder: folder.url) }

  init() throws { folder = try TemporaryFolder() }

  func log(_ lines: [Data]) throws -> TrainingReport {
    let file = folder.url.appending(path: "train.jsonl")
    try lines.reduce(Data(), +).write(to: file)
    return try TrainingReport(reading: file)
  }

  /// The samples for tools/check-report, which names the folder they are to be in.
  @Test("runs of all kinds have reports")
  func writesSamples() throws {
    let place = ProcessInfo.processInfo.environment["FRESHET_REPORT_SAMPLES"]
    let samples = place.map { ReportSamples(folder: URL(fileURLWithPath: $0)) } ?? samples
    try FileManager.default.createDirectory(at: samples.folder, withIntermediateDirectories: true)
    var course = ReportSamples.Course(steps: 300, evaluateEvery: 25, isUntied: true)
    try samples.write("run", "MiniLM on SQuAD", course, killedAfter: 231)
    course.seed = 4
    try samples.write("other", "MiniLM on SQuAD", course, killedAfter: 231)
    let long = ReportSamples.Course(steps: 5_000, evaluateEvery: 100, isBanked: true)
    try samples.write("long", "A long run <with> \"odd\" & 'quoted' words", long)
    try samples.write("short", "Two steps", ReportSamples.Course(steps: 2))
    for name in ["run", "other", "long", "short"] {
      let page = try String(
        contentsOf: samples.folder.appending(path: "\(name)/report.html"), encoding: .utf8)
      #expect(page.contains("finished") && page.contains("</html>") && page.utf8.count < 400_000)
    }
  }

  @Test("a page stands alone: no scripts, nothing fetched, all text escaped")
  func standsAlone() throws {
    let title = "<script>alert('x')</script> & \"quotes\"\u{1}"
    let clock = LogClock(time: 0, seconds: 1, memoryBytes: 1)
    let page = try log([
      try LogLine.text(of: .sample(title: title)), try LogLine.text(of: .sample(1), clock),
      try LogLine.text(of: "<img src=http://x/>", .warning, step: 1, clock),
    ]).html()
    #expect(!page.contains("<script") && !page.contains("<img") && !page.contains("\u{1}"))
    #expect(page.contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; &quot;quotes"))
    #expect(page.contains("Step 1: &lt;img src=http://x/&gt;"))
    let elsewhere = page.replacing("http://www.w3.org/2000/svg", with: "")
      .replacing("http://x/", with: "")
    for reference in ["http:", "https:", "src=", "url(", "@import"] {
      #expect(!elsewhere.contains(reference) || reference == "src=", "\(reference)")
    }
  }

  @Test("every tag that is opened is closed, in order, in pages of all kinds")
  func wellFormed() throws {
    let course = ReportSamples.Course(steps: 130, evaluateEvery: 10, isUntied: true)
    let page = try String(
      contentsOf: samples.write("run", "a < b", course, killedAfter: 110), encoding: .utf8)
    #expect(misplacedTag(in: page) == nil)
    #expect(misplacedTag(in: try log([LogLine.text(of: .sample())]).html()) == nil)
  }

  @Test("the state of a run: not begun, going on, stopped, finished")
  func states() throws {
    let clock = LogClock(time: 0, seconds: 90, memoryBytes: 1 << 30)
    let first = try LogLine.text(of: .sample())
    let steps = try (1...4).map { try LogLine.text(of: .sample($0), clock) }
    func outcome(_ finished: Bool, steps: Int = 4) throws -> Data {
      try LogLine.text(
        of: LoggedOutcome(
          steps: steps, pairs: 16, tokens: 400, lastLoss: 0.5, meanLossOfLastTenth: 0.5,
          bestStep: 2, finished: finished, clock: clock))
    }
    #expect(try log([first]).html().contains("not ended, at step 0"))
    #expect(try log([first]).html().contains("no data"))
    let going = try log([first] + steps + [Data("{\"kind\":\"st".utf8)]).html()
    #expect(going.contains("not ended, at step 4") && going.contains("1 min 30 s"))
    #expect(going.contains("1 GiB") && going.contains("of 20; 16 pairs, 400 tokens"))
    #expect(try log([first] + steps + [outcome(false)]).html().contains("stopped after step 4"))
    #expect(try log([first] + steps + [outcome(true)]).html().contains(">finished early, after"))
    let done = try log([first] + steps + [outcome(true, steps: 20)]).html()
    #expect(done.contains(">finished<"))
  }

  @Test("every value of the configuration is in the table")
  func configuration() throws {
    let page = try log([LogLine.text(of: .sample())]).html()
    for name in Mirror(reflecting: TrainingConfiguration(steps: 1)).children.compactMap(\.label) {
      #expect(page.contains(">\(ReportWords.words(name))</th>"), "\(name)")
    }
    #expect(page.contains(">learning rate</th><td>2e-5<"))
    #expect(page.contains(">frozen layers</th><td>none<"))
  }

  @Test("the size of a page is bounded, whatever the number of steps")
  func bounded() throws {
    let first = try LogLine.text(of: .sample(steps: 100_000))
    let course = ReportSamples.Course(steps: 100_000)
    let steps = try stride(from: 1, through: 100_000, by: 5).map { step in
      let clock = LogClock(
        time: 0, seconds: Double(step), memoryBytes: step, tokensPerSecond: Double(step % 91))
      return try LogLine.text(of: course.progress(step), clock)
    }
    let few = try log([first] + steps.prefix(4_000)).html().utf8.count
    let many = try log([first] + steps).html().utf8.count
    #expect(many < few + few / 4 && many < 500_000, "\(few), \(many)")
  }

  @Test("a line that cannot be read is named", arguments: ["nonsense\n", "{\"kind\":\"step\"}\n"])
  func badLines(line: String) throws {
    let text = try LogLine.text(of: .sample())
    let second = #expect(throws: TrainingError.self) { try log([text, Data(line.utf8)]) }
    #expect(second?.message.contains("train.jsonl:2") == true && second?.code == .invalidData)
    let first = #expect(throws: TrainingError.self) { try log([Data(line.utf8)]) }
    #expect(first?.message.contains("train.jsonl:1") == true)
    let missing = #expect(throws: TrainingError.self) {
      try TrainingReport(reading: folder.url.appending(path: "none"))
    }
    #expect(missing?.code == .io)
  }

  @Test("smoothing: unbiased at the start, gaps passed over")
  func smoothing() {
    #expect(Smoothing.means([4, 4, 4], over: 9).allSatisfy { abs($0 - 4) < 1e-12 })
    #expect(Smoothing.means([], over: 5).isEmpty)
    #expect(Smoothing.means([1, 3, 7], over: 1) == [1, 3, 7])
    let means = Smoothing.means([.nan, 2, .infinity, 5], over: 3)
    #expect(means[0].isNaN && means[1] == 2 && means[2] == 2)
    #expect(abs(means[3] - (2 * 0.25 + 5 * 0.5) / 0.75) < 1e-12, "the gap does not age what was")
  }
}
