import Foundation
import Reports
import TestSupport
import Testing

@testable import Freshet

/// The page about a refresh.
@Suite struct RefreshReportTests {
  let world: World
  init() throws { world = try World() }

  private var file: URL { world.folder.url.appending(path: "refresh.html") }
  private var page: String { get throws { try String(contentsOf: file, encoding: .utf8) } }

  private static let nasty = "<script>alert('x')</script> & \"quotes\" <img src=http://x/>"

  private func options(_ sample: SampleSize = .automatic) -> RefreshOptions {
    var options = quickRefresh
    options.report = file
    options.sample = sample
    return options
  }

  /// A collection whose passages have ids and titles of any kind.
  private func titled(_ count: Int) throws -> PassageCollection {
    let collection = try world.create()
    try collection.add(
      toyTexts(count).enumerated().map {
        Passage(id: "\(Self.nasty) \($0)", title: "<i>\($1)", text: $1)
      })
    try collection.encode(with: world.a)
    return collection
  }

  @Test func aPageStandsAloneAndEscapesEverything() throws {
    _ = try titled(150).planRefresh(to: world.b, options: options())
    let page = try page
    #expect(!page.contains("<script") && !page.contains("<img") && !page.contains("<i>"))
    #expect(page.contains(" · &lt;i&gt;"))
    #expect(page.contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; &quot;quotes"))
    let elsewhere = page.replacing("http://www.w3.org/2000/svg", with: "")
      .replacing("&lt;img src=http://x/", with: "")
    for reference in ["http:", "https:", "src=", "url(", "@import"] {
      #expect(!elsewhere.contains(reference), "\(reference)")
    }
    #expect(misplacedTag(in: page) == nil)
  }

  @Test func aPlanHasEveryWayAndCorrectorWithItsInterval() throws {
    let plan = try titled(150).planRefresh(to: world.b, options: options())
    let page = try page
    #expect(page.contains("planned, nothing is changed"))
    #expect(page.contains("<h2>Advised: \(plan.advice.way)</h2>"))
    #expect(page.contains(RefreshWords.sentence(plan.advice.reason)))
    for way in plan.ways {
      let name = way.way == plan.chosen ? "→ \(way.way)" : way.way
      #expect(page.contains(">\(name)</th>"), "\(name)")
      for values in way.quality.values {
        #expect(page.contains(RefreshWords.interval(values)), "\(way.way)")
      }
    }
    #expect(plan.candidates.count > 3)
    for candidate in plan.candidates {
      #expect(page.contains("\(candidate.kind.rawValue)</th>"))
      let recall = candidate.judgement.recallAt10
      #expect(page.contains(RefreshWords.interval([recall.low, recall.estimate, recall.high])))
    }
    #expect(page.matches(of: /<svg/).count == 6)
    #expect(page.matches(of: /<h3>/).count == NeighbourExample.queries)
    for fingerprint in [world.a.fingerprint, world.b.fingerprint] {
      #expect(page.contains(fingerprint))
    }
  }

  @Test func aPageSaysWhatBecameOfThePlan() throws {
    let collection = try titled(130)
    try collection.refresh(to: world.b, options: options())
    #expect(try page.contains("generation 1 is active"))
    try FileManager.default.removeItem(at: file)
    try collection.rollback()
    var options = options()
    options.minimumRecovery = 1
    options.fit.kinds = []
    freshetError(.refused) { try collection.refresh(to: world.b, options: options) }
    #expect(try page.contains("planned, nothing is changed"), "why it was refused can be read")
    try FileManager.default.removeItem(at: file)
    options.report = nil
    _ = try collection.planRefresh(to: world.b, options: options)
    #expect(!FileManager.default.fileExists(atPath: file.path))
  }

  @Test func judgedQueriesAreTheExamples() throws {
    let toy = try ToyRetrieval(in: world.folder, passages: 150)
    let collection = try world.create()
    try collection.add(toy.passages)
    try collection.encode(with: world.a)
    var options = options()
    options.judged = try toy.judged()
    _ = try collection.planRefresh(to: world.b, options: options)
    let page = try page
    #expect(page.contains("<h3>q0 · \(toy.queries[0].text)</h3>"))
    #expect(page.contains(">ndcg@10</th>") && page.contains("recall@100"))
  }

  @Test func bareVectorsHaveTheSamePage() throws {
    for (d, others) in [(12, 12), (12, 16)] {
      let stale = VectorRefreshTests.vectors(500, d)
      let fresh = product(stale, VectorRefreshTests.rotation(d, others))
      let name = world.folder.path("<b>stale.npy")
      try VectorFile.write(stale, to: name)
      let rows = Array(stride(from: 0, to: 500, by: 3))
      var options = VectorRefreshOptions()
      options.report = file
      try refreshVectors(
        VectorFile(path: name), sample: VectorSample(rows: rows, fresh: fresh.gathering(rows)),
        to: world.folder.path("out.npy"), options: options)
      let page = try page
      #expect(page.contains("500 vectors are written"))
      #expect(page.contains("Refresh of &lt;b&gt;stale.npy") && !page.contains("<b>stale"))
      #expect(page.contains(">stale vectors</th>") == true, "as a setting, at least")
      #expect(page.contains("scope=\"col\">stale vectors") == (d == others))
      #expect(page.contains(">keep</th>") == (d == others))
      #expect(page.contains("<h2>Drift</h2>"))
      #expect(page.contains("✓ row ") && misplacedTag(in: page) == nil)
    }
  }

  @Test func tenthsOfTheErrorsMeetTheirMeans() {
    #expect(CalibrationBins([], count: 10).all.isEmpty)
    let points = (0..<100).map { row in
      let predicted = Double(row % 10)
      return CalibrationPoint(predicted: predicted, actual: predicted + (row < 50 ? -1 : 1))
    }
    let bins: [CalibrationBins.Bin] = CalibrationBins(points, count: 10).all
    #expect(bins.count == 10)
    for (part, bin) in bins.enumerated() {
      #expect(bin.predicted == Double(part) && bin.actual == Double(part))
    }
    // The deviation of five 1s and five −1s is √(10/9).
    let half = 1.96 / 3
    #expect(abs(bins[4].high - (4 + half)) < 1e-9)
    #expect(abs(bins[4].low - (4 - half)) < 1e-9)
    #expect(CalibrationBins(Array(points.prefix(7)), count: 10).all.count == 1, "five at least")
  }

  @Test func driftsAreCountedUpToEachDistance() {
    #expect(DriftCurve([]).points().isEmpty && DriftCurve([.nan]).points().isEmpty)
    #expect(DriftCurve([0.3]).points(2) == [.init(0.3, 0), .init(0.3, 0.5), .init(0.3, 1)])
    let curve = DriftCurve([0.4, 0.1, .infinity, 0.3, 0.2])
    #expect(
      curve.points(4) == [
        .init(0.1, 0), .init(0.1, 0.25), .init(0.2, 0.5), .init(0.3, 0.75), .init(0.4, 1),
      ])
    #expect(curve.points(2) == [.init(0.1, 0), .init(0.2, 0.5), .init(0.4, 1)])
    #expect(DriftCurve((0..<7).map(Double.init)).points().last == .init(6, 1))
  }

  @Test func aDriftIsOneLessTheCosine() {
    let a = Matrix([[3, 4], [1, 0], [2, 0], [0, 0]]), b = Matrix([[6, 8], [0, 5], [-1, 0], [1, 0]])
    for (got, expected) in zip(drifts(of: a, from: b), [0.0, 1, 2, 1]) {
      #expect(abs(got - expected) < 1e-6 && got >= 0)
    }
  }

  @Test func everyPredictedErrorIsCounted() {
    let bins = HistogramBins([0, 0.1, 0.1, 0.4, .nan], count: 4)
    #expect(bins.counts.map(\.count) == [1, 2, 0, 1])
    #expect(bins.low == 0 && bins.high == 0.4)
    #expect(abs(bins.counts[0].middle - 0.05) < 1e-9)
    #expect(HistogramBins([], count: 4).counts.map(\.count) == [0, 0, 0, 0])
    #expect(HistogramBins([0, 0], count: 2).counts.map(\.count) == [2, 0])
    #expect(HistogramBins([-1e-7, 1], count: 2).counts.map(\.count) == [1, 1])
    let far = HistogramBins([5, 5.2, 6], count: 2)
    #expect(far.low == 5 && far.high == 6 && far.counts.map(\.count) == [2, 1])
  }

  @Test func longTextsAreCutOnOneLine() {
    #expect(ReportedText.short("a\n b\t c") == "a b c")
    #expect(ReportedText.short("") == "")
    let long = ReportedText.short(String(repeating: "word ", count: 100))
    #expect(long.count == 70 && long.hasSuffix("…"))
  }

  /// The samples for tools/check-report, which names the folder they are to be in.
  @Test func writesSamples() throws {
    let place = ProcessInfo.processInfo.environment["FRESHET_REPORT_SAMPLES"]
    let samples = place.map { URL(fileURLWithPath: $0) } ?? world.folder.url
    func sample(_ name: String) throws -> URL {
      let folder = samples.appending(path: name)
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      return folder.appending(path: "report.html")
    }
    let toy = try ToyRetrieval(in: world.folder, passages: 900)
    let collection = try world.create()
    try collection.add(toy.passages)
    try collection.encode(with: world.a)
    var options = options(.count(400))
    options.report = try sample("refresh")
    options.judged = try toy.judged()
    _ = try collection.planRefresh(to: world.b, options: options)
    let stale = VectorRefreshTests.vectors(700, 24)
    var fresh = product(stale, VectorRefreshTests.rotation(24, 32))
    fresh.add(.normal(700, 32, seed: 7, scale: 0.05))
    fresh.normalizeRows()
    try VectorFile.write(stale, to: world.folder.path("stale.npy"))
    let rows = Array(stride(from: 0, to: 700, by: 2))
    var bare = VectorRefreshOptions()
    bare.report = try sample("vectors")
    try refreshVectors(
      VectorFile(path: world.folder.path("stale.npy")),
      sample: VectorSample(rows: rows, fresh: fresh.gathering(rows)),
      to: world.folder.path("out.npy"), options: bare)
    for name in ["refresh", "vectors"] {
      let page = try String(contentsOf: sample(name), encoding: .utf8)
      #expect(page.contains("</html>") && page.utf8.count < 200_000)
    }
  }
}
