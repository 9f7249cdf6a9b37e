import Foundation
import Store
import Synchronization
import TestSupport
import Testing

@testable import Freshet

/// Whatever is done to a collection in whatever order, and while others search it.
@Suite struct LivingTests {
  /// A text with the number it belongs to, so that a hit shows whether it is of one piece.
  private static func text(_ words: [String], _ n: Int, _ random: inout RandomStream) -> String {
    let others = (0..<3).map { _ in words.randomElement(using: &random) ?? "" }
    return ([toyWords[n % toyWords.count]] + others).joined(separator: " ")
  }

  @Test(arguments: [1, 2, 3, 4, 5] as [UInt64]) func itAnswersAsAPlainModel(seed: UInt64) throws {
    let world = try World()
    let embedder = Embedder(world)
    var random = RandomStream(seed: seed)
    var model = LivingModel()
    var collection = try world.create()
    for step in 0..<120 {
      switch Int.random(in: 0..<20, using: &random) {
      case 0..<7:
        var batch: [String: Passage] = [:]
        for _ in 0..<Int.random(in: 1...12, using: &random) {
          let id = "p\(Int.random(in: 0..<60, using: &random))"
          let n = Int.random(in: 0..<24, using: &random)
          let text = Self.text(toyWords, n, &random)
          batch[id] = Passage(id: id, text: text, metadata: #"{"n": \#(n)}"#)
          model.add(id, text: text, n: n)
        }
        try collection.add(batch.values.sorted { $0.id < $1.id })
      case 7..<10:
        let ids = (0..<Int.random(in: 1...9, using: &random)).map { _ in
          "p\(Int.random(in: 0..<60, using: &random))"
        }
        try collection.delete(ids: ids)
        model.delete(ids)
      case 10:
        let n = Int.random(in: 0..<24, using: &random)
        let gone = model.entries.filter { $0.value.n == n }.map(\.key)
        #expect(try collection.delete(where: PassageFilter(parsing: "n = \(n)")) == gone.count)
        model.delete(gone)
      case 11..<15 where !model.entries.isEmpty:
        let isB = Int.random(in: 0..<4, using: &random) == 0
        try collection.encode(with: isB ? world.b : world.a)
        model.encode(byB: isB)
      case 15..<17:
        try collection.compact()
        model.compact()
      case 17:
        if model.rollback() { try collection.rollback() }
      case 18:
        collection = try reopened(&collection, world)
      default: break
      }
      if step % 3 == 0 { try check(collection, model, embedder, &random) }
    }
    for finding in try collection.verify() { #expect(finding.ok, "\(finding)") }
  }

  /// The writer's handle given back and taken again.
  private func reopened(
    _ collection: inout PassageCollection, _ world: World
  ) throws -> PassageCollection {
    collection = try world.reader()
    return try world.writer()
  }

  private func check(
    _ collection: PassageCollection, _ model: LivingModel, _ embedder: Embedder,
    _ random: inout RandomStream
  ) throws {
    let status = try collection.status()
    #expect(status.passages == model.entries.count)
    #expect(status.pending == model.pending)
    #expect(status.deleted == model.deleted)
    guard model.active != nil else { return }
    let query = Self.text(toyWords, 3, &random)
    let least = Int.random(in: 0..<24, using: &random)
    let isFiltered = Bool.random(using: &random)
    let wanted = model.scores({ embedder.score(query, $0, byB: $1) }) {
      !isFiltered || $0.n >= least
    }
    let ranking = wanted.values.sorted(by: >)
    var options = SearchOptions(
      exact: Bool.random(using: &random),
      filter: isFiltered ? try PassageFilter(parsing: "n >= \(least)") : nil)
    if Bool.random(using: &random), ranking.count > 3 {
      options.minimumScore = (ranking[2] + ranking[3]) / 2
    }
    options.offset = Int.random(in: 0..<4, using: &random)
    let k = Int.random(in: 1...70, using: &random)
    let hits = try collection.search(query, k: k, options: options).hits
    let good = ranking.filter { $0 >= options.minimumScore ?? -2 }
    let cut = good.dropFirst(options.offset).prefix(k)
    #expect(hits.count == cut.count, "\(options)")
    #expect(Set(hits.map(\.id)).count == hits.count)
    for (hit, score) in zip(hits, cut) {
      #expect(abs(hit.score - score) < 1e-4, "\(options)")
      #expect(abs(hit.score - (wanted[hit.id] ?? -9)) < 1e-4, "\(hit)")
      #expect(hit.text == model.entries[hit.id]?.text)
    }
    options.hybrid = true
    options.minimumScore = nil
    for hit in try collection.search(query, k: k, options: options).hits {
      #expect(abs((hit.denseScore ?? 9) - (wanted[hit.id] ?? -9)) < 1e-4, "\(hit)")
    }
  }

  /// Readers in threads of their own, on the writer's handle and on another, while one writes.
  @Test func everyAnswerIsOfOnePieceWhileOthersWrite() throws {
    let world = try World()
    let collection = try world.create()
    var random = RandomStream(seed: 11)
    try collection.add((0..<80).map { passage($0, n: $0 % 24, &random) })
    try collection.encode(with: world.a)
    let readers = Readers(world)
    let other = try world.reader()
    for number in 0..<3 { readers.start(number == 0 ? collection : other, turn: number) }
    try write(to: collection, world, &random)
    readers.stop()
    #expect(readers.faults.isEmpty, "\(readers.faults.prefix(5))")
    #expect(readers.answers > 10)
    try collection.compact()
    for finding in try collection.verify() { #expect(finding.ok, "\(finding)") }
  }

  private func write(
    to collection: PassageCollection, _ world: World, _ random: inout RandomStream
  ) throws {
    for round in 0..<25 {
      let changed = (0..<12).map { _ in Int.random(in: 20..<100, using: &random) }
      for i in Set(changed).sorted() {
        try collection.add([passage(i, n: (i + round) % 24, &random)])
      }
      try collection.delete(ids: changed.prefix(4).map { "p\($0)" })
      if round % 3 == 0 { try collection.encode(with: round % 2 == 0 ? world.b : world.a) }
      if round % 4 == 1 { try collection.compact() }
      if round % 5 == 2 { _ = try? collection.rollback() }
    }
  }

  private func passage(_ i: Int, n: Int, _ random: inout RandomStream) -> Passage {
    Passage(
      id: "p\(i)", text: Self.text(toyWords, n, &random), metadata: #"{"n": \#(n)}"#)
  }
}

/// Threads that search until they are told to stop, and remember what was wrong.
private final class Readers: Sendable {
  private struct State {
    var areDone = false
    var answers = 0
    var faults: [String] = []
  }

  private let world: World
  private let state = Mutex(State())
  private let running = DispatchGroup()

  init(_ world: World) { self.world = world }

  var answers: Int { state.withLock { $0.answers } }
  var faults: [String] { state.withLock { $0.faults } }

  func start(_ collection: PassageCollection, turn: Int) {
    running.enter()
    Thread.detachNewThread { [self] in
      defer { running.leave() }
      let embedder = Embedder(world)
      var turn = turn
      while !state.withLock({ $0.areDone }) {
        turn += 1
        let faults: [String]
        do { faults = try look(at: collection, turn, embedder) } catch { faults = ["\(error)"] }
        state.withLock { state in
          state.answers += 1
          state.faults += faults
        }
      }
    }
  }

  func stop() {
    state.withLock { $0.areDone = true }
    running.wait()
  }

  /// A hit's score is that of its text by its generation's encoder, and its text is one the filter
  /// lets through.
  private func look(
    at collection: PassageCollection, _ turn: Int, _ embedder: Embedder
  ) throws -> [String] {
    let least = turn % 5 * 3
    let filter = try turn % 3 == 0 ? nil : PassageFilter(parsing: "n >= \(least)")
    let options = SearchOptions(
      exact: turn % 2 == 0, filter: filter, offset: turn % 4, hybrid: turn % 7 == 0)
    let query = "quiet river stone"
    let result = try collection.search(query, k: 15, options: options)
    var faults = result.hits.isEmpty ? ["nothing found"] : []
    if Set(result.hits.map(\.id)).count != result.hits.count { faults.append("an id twice") }
    let scores = result.hits.map(\.score)
    if scores != scores.sorted(by: >) { faults.append("out of order") }
    for hit in result.hits {
      let isB = result.encoder == world.b.fingerprint
      let score = embedder.score(query, hit.text, byB: isB)
      if abs((hit.denseScore ?? hit.score) - score) > 1e-4 { faults.append("score of \(hit)") }
      let word = hit.text.split(separator: " ").first.map(String.init) ?? ""
      let n = toyWords.firstIndex(of: word) ?? -1
      if filter != nil, n < least { faults.append("filtered out: \(hit)") }
    }
    return faults
  }
}
