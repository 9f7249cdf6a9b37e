import Foundation
import Store
import TestSupport
import Testing

@testable import Freshet

@Suite struct RefreshTextTests {
  let world: World
  init() throws { world = try World() }

  /// Only the identity and the corrector of text are tried.
  private var onlyText: RefreshOptions {
    var options = quickRefresh
    options.fit.kinds = [.textRidge]
    return options
  }

  @Test func wordMeansAreMeansOfTheTable() throws {
    let texts = toyTexts(9) + ["", "river river"]
    let means = world.a.wordMeans(of: texts, as: .passage)
    let table = world.a.model.parameters.values[0]
    #expect((means.rows, means.columns) == (11, table.columns))
    for (row, text) in texts.enumerated() {
      let ids = world.a.tokenize(text, as: .passage).ids
      for column in 0..<table.columns {
        let mean = ids.reduce(0.0) { $0 + Double(table[Int($1), column]) } / Double(ids.count)
        #expect(abs(Double(means[row, column]) - mean) < 1e-5)
      }
      let alone = world.a.wordMeans(of: [text], as: .passage)
      #expect(alone.row(0) == means.row(row), "whatever comes with it")
    }
  }

  @Test func textIsReadWhereItHelps() throws {
    let collection = try world.encoded(1100)
    var options = onlyText
    options.sample = .count(300)
    let summary = try collection.refresh(to: world.b, options: options)
    #expect(summary.plan.corrector == .textRidge)
    #expect(summary.plan.candidates.map(\.kind) == [.identity, .textRidge])
    for row in summary.plan.candidates { #expect(try #require(row.applySeconds) >= 0) }
    #expect((summary.generation.encoded, summary.generation.corrected) == (0, 1100))
    let record = try #require(try collection.store.generation(1))
    let corrector = try #require(try collection.store.corrector(id: record.corrector ?? ""))
    #expect(corrector.kind == "text-ridge")
    #expect(try collection.verify().allSatisfy(\.ok))
    // The saved corrector gives each row again from its stale vector and its text alone.
    let saved = try loaded(corrector.id)
    let d = world.a.dimension
    let stale = try Matrix(
      mapping: world.file("vectors/0.f32").path, rows: 1100, columns: d)
    let live = try Matrix(mapping: world.file("vectors/1.f32").path, rows: 1100, columns: d)
    let texts = toyTexts(1100)
    for row in [0, 1, 1023, 1024, 1099] {
      let features = [world.b, world.a].compactMap {
        $0.wordMeans(of: [texts[row]], as: .passage)
      }
      let again = saved.apply(stale[rows: row..<row + 1], features: features)
      for (x, y) in zip(again.row(0), live.row(row)) { #expect(abs(x - y) < 1e-6) }
    }
    // And again, to the same bytes.
    try collection.rollback()
    try collection.refresh(to: world.b, options: options)
    #expect(try world.bytes("vectors/1.f32") == world.bytes("vectors/2.f32"))
  }

  private func loaded(_ id: String) throws -> any Corrector {
    let file = try SafetensorsFile(path: world.file("correctors/\(id).safetensors").path)
    var tensors: [String: Matrix] = [:]
    for name in file.names { tensors[name] = try file.matrix(name) }
    return try makeCorrector(tensors: tensors, metadata: file.metadata)
  }

  @Test func itIsTriedByDefaultAndNotWhenNotAskedFor() throws {
    let collection = try world.encoded(120)
    let plan = try collection.planRefresh(to: world.b, options: quickRefresh)
    #expect(plan.candidates.contains { $0.kind == .textRidge })
    var options = quickRefresh
    options.fit.kinds = [.procrustes, .ridge]
    let plain = try collection.planRefresh(to: world.b, options: options)
    #expect(plain.candidates.map(\.kind) == [.identity, .procrustes, .ridge])
  }

  @Test func withoutTheOldEncoderItsWordsAreLeftOut() throws {
    do { _ = try world.encoded(120) }
    try FileManager.default.removeItem(at: world.file("encoders/\(world.a.fingerprint)"))
    let summary = try world.writer().refresh(to: world.b, options: onlyText)
    #expect(summary.plan.corrector == .textRidge)
    let record = try #require(try world.reader().store.generation(1))
    #expect(try loaded(record.corrector ?? "").featureWidths == [world.b.dimension])
  }

  @Test func newAndChangedTextsAreStillEncoded() throws {
    let collection = try world.encoded(120)
    try collection.add([
      Passage(id: "p3", text: "island island pepper"), Passage(id: "new", text: "market candle"),
    ])
    let summary = try collection.refresh(to: world.b, options: onlyText)
    #expect((summary.generation.encoded, summary.generation.corrected) == (2, 119))
  }
}
