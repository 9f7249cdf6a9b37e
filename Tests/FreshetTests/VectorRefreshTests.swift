import Foundation
import Freshet
import Tensors
import TestSupport
import Testing

/// Vectors of any origin, moved by a sample.
@Suite("Refreshing of vectors") struct VectorRefreshTests {
  let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  /// Unit rows in clusters, as embeddings are.
  static func vectors(_ rows: Int, _ columns: Int, seed: UInt64 = 1) -> Matrix {
    let centres = Matrix.normal(12, columns, seed: seed &+ 99)
    var result = Matrix.normal(rows, columns, seed: seed, scale: 0.5)
    result.add(centres.gathering((0..<rows).map { $0 % 12 }))
    result.normalizeRows()
    return result
  }

  /// A map with orthonormal rows, or columns where it makes vectors shorter.
  static func rotation(_ from: Int, _ to: Int, seed: UInt64 = 500) -> Matrix {
    guard from <= to else { return rotation(to, from, seed: seed).transposed() }
    var rows: [[Float]] = []
    for row in 0..<from {
      var next = Matrix.normal(1, to, seed: seed + UInt64(row)).elements.map(Double.init)
      for earlier in rows {
        let dot = zip(next, earlier).reduce(0) { $0 + $1.0 * Double($1.1) }
        next = zip(next, earlier).map { $0 - dot * Double($1) }
      }
      let norm = next.reduce(0) { $0 + $1 * $1 }.squareRoot()
      rows.append(next.map { Float($0 / norm) })
    }
    return Matrix(rows)
  }

  func write(_ matrix: Matrix, _ name: String) throws -> VectorFile {
    try VectorFile.write(matrix, to: folder.path(name))
    return try VectorFile(path: folder.path(name))
  }

  /// Every `step`-th row, and its vector in the new space.
  func sample(_ fresh: Matrix, every step: Int) -> VectorSample {
    let rows = Array(stride(from: 3, to: fresh.rows, by: step))
    return VectorSample(rows: rows, fresh: fresh.gathering(rows))
  }

  func read(_ name: String) throws -> Matrix { try VectorFile(path: folder.path(name)).all() }

  @Test("a rotation is found again, in the same dimension, in a larger and in a smaller one",
    arguments: [(16, 16), (16, 24), (24, 16)])
  func rotations(from: Int, to: Int) throws {
    // Vectors that lie in as many dimensions as both spaces have.
    let low = Self.vectors(1201, min(from, to))
    let stale = product(low, Self.rotation(min(from, to), from))
    let fresh = product(low, Self.rotation(min(from, to), to, seed: 900))
    let summary = try refreshVectors(
      write(stale, "stale.npy"), sample: sample(fresh, every: 4), to: folder.path("out.npy"),
      errorsTo: folder.path("errors.npy"))
    let corrected = try read("out.npy")
    #expect(corrected.rows == 1201 && corrected.columns == to && summary.rows == 1201)
    #expect(largestDifference(corrected.elements, fresh.elements) < 1e-5)
    #expect(summary.plan.chosen == "correct" && summary.plan.corrector == .procrustes)
    #expect(summary.plan.recovery > 0.99 && summary.plan.normalizes)
    #expect((summary.plan.ways.first?.way == "keep") == (from == to))
    #expect(summary.plan.ways.last?.way == "re-encode" && summary.plan.ways.last?.encodes == 901)
    let errors = try Data(contentsOf: URL(fileURLWithPath: folder.path("errors.npy")))
    #expect(errors.count == 128 + 4 * 1201)
    #expect(String(decoding: errors[10..<100], as: UTF8.self).contains("'shape': (1201,), "))
  }

  @Test("blocks make no difference, nor does the storage of the numbers")
  func blocks() throws {
    let fresh = Self.vectors(65_543, 64)
    let stale = product(fresh, Self.rotation(64, 64))
    let file = try write(stale, "stale.npy")
    #expect(file.rows > 65_536, "more than one block")
    var options = VectorRefreshOptions()
    options.fit.kinds = [.procrustes]
    options.fit.bootstrapSamples = 10
    try refreshVectors(
      file, sample: sample(fresh, every: 101), to: folder.path("out.npy"), options: options)
    #expect(largestDifference(try read("out.npy").elements, fresh.elements) < 1e-5)
  }

  @Test("the sample's rows are corrected like all others")
  func noMixing() throws {
    let low = Self.vectors(600, 12)
    let noise = Matrix.normal(600, 12, seed: 5, scale: 0.1)
    var fresh = product(low, Self.rotation(12, 12))
    fresh.add(noise)
    fresh.normalizeRows()
    let sample = sample(fresh, every: 2)
    try refreshVectors(write(low, "stale.npy"), sample: sample, to: folder.path("out.npy"))
    let corrected = try read("out.npy").gathering(sample.rows)
    for row in 0..<sample.rows.count {
      #expect(largestDifference(corrected.row(row), sample.fresh.row(row)) > 1e-4)
    }
  }

  @Test("norms are those of the sample, unless told otherwise")
  func norms() throws {
    let stale = Self.vectors(500, 8)
    var fresh = product(stale, Self.rotation(8, 8))
    fresh.scale(by: 3)
    var options = VectorRefreshOptions()
    options.fit.kinds = [.ridge]
    func norms(_ normalizes: Bool?) throws -> [Float] {
      options.normalizes = normalizes
      let summary = try refreshVectors(
        write(stale, "stale.npy"), sample: sample(fresh, every: 2), to: folder.path("out.npy"),
        options: options)
      #expect(summary.plan.normalizes == (normalizes ?? false))
      return try read("out.npy").rowNorms()
    }
    #expect(try norms(nil).allSatisfy { abs($0 - 3) < 0.3 })
    #expect(try norms(true).allSatisfy { abs($0 - 1) < 1e-5 })
  }

  @Test("a plan writes nothing, and says the same as the doing")
  func plan() throws {
    let fresh = Self.vectors(400, 10)
    let stale = try write(product(fresh, Self.rotation(10, 10)), "stale.npy")
    let before = try FileManager.default.contentsOfDirectory(atPath: folder.url.path)
    let plan = try planVectorRefresh(stale, sample: sample(fresh, every: 3))
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == before)
    let done = try refreshVectors(
      stale, sample: sample(fresh, every: 3), to: folder.path("out.npy")
    ).plan
    #expect(plan.ways.map(\.quality) == done.ways.map(\.quality))
    #expect(plan.corrector == done.corrector && plan.recovery == done.recovery)
  }

  @Test("queries by the new encoder judge; those of another dimension are refused")
  func queries() throws {
    let fresh = Self.vectors(400, 10)
    let stale = try write(product(fresh, Self.rotation(10, 10)), "stale.npy")
    var options = VectorRefreshOptions()
    options.queries = Self.vectors(37, 10, seed: 8)
    let plan = try planVectorRefresh(stale, sample: sample(fresh, every: 2), options: options)
    #expect(plan.candidates.allSatisfy { $0.judgement.queries == 37 })
    options.queries = Self.vectors(37, 11)
    let error = #expect(throws: FreshetError.self) {
      try planVectorRefresh(stale, sample: sample(fresh, every: 2), options: options)
    }
    #expect(error?.message.contains("11 dimensions") == true)
  }

  @Test("what cannot go on leaves the folder as it was")
  func nothingHalfWritten() throws {
    let fresh = Self.vectors(400, 10)
    var stale = product(fresh, Self.rotation(10, 10))
    let good = try write(stale, "stale.npy")
    stale[391, 2] = .nan
    let bad = try write(stale, "bad.npy")
    let sample = sample(fresh, every: 4)
    try folder.write("earlier", to: "out.npy")
    let before = try FileManager.default.contentsOfDirectory(atPath: folder.url.path).sorted()
    func error(
      _ stale: VectorFile, _ options: VectorRefreshOptions = .init(), stop: Bool = false
    ) throws -> FreshetError {
      try #require(
        #expect(throws: FreshetError.self) {
          try refreshVectors(
            stale, sample: sample, to: folder.path("out.npy"), errorsTo: folder.path("errors.npy"),
            options: options, shouldStop: { stop })
        })
    }
    #expect(try error(bad).message.contains("bad.npy: row 391 is not finite at column 2"))
    #expect(try error(good, stop: true).code == .interrupted)
    var options = VectorRefreshOptions()
    options.fit.kinds = []
    options.minimumRecovery = 0.5
    let refused = try error(good, options)
    #expect(refused.code == .refused && refused.message.contains("nothing was written"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path).sorted() == before)
    #expect(try String(contentsOfFile: folder.path("out.npy"), encoding: .utf8) == "earlier")
    #expect(throws: CorrectorError.self) {
      try planVectorRefresh(good, sample: self.sample(fresh, every: 40))
    }
  }
}

/// Lists of sample rows and of ids.
@Suite("Samples of vectors") struct VectorSampleTests {
  let folder: TemporaryFolder
  let stale: VectorFile

  init() throws {
    folder = try TemporaryFolder()
    try VectorFile.write(VectorRefreshTests.vectors(6, 4), to: folder.path("stale.npy"))
    stale = try VectorFile(path: folder.path("stale.npy"))
    try folder.write("a\nb\nc\nd d\ne\nf\n", to: "ids.txt")
  }

  func sample(_ list: String, fresh: Int, ids: String? = nil) throws -> VectorSample {
    try VectorFile.write(VectorRefreshTests.vectors(fresh, 5), to: folder.path("fresh.npy"))
    return try VectorSample(
      list: folder.write(list, to: "list.txt"), fresh: folder.path("fresh.npy"),
      ids: ids.map(folder.path), of: stale)
  }

  @Test("rows by number and by id, in any order")
  func lists() throws {
    #expect(try sample("5\n0\n 3 \r\n", fresh: 3).rows == [5, 0, 3])
    #expect(try sample("2", fresh: 1).rows == [2])
    let sample = try sample("d d\na\nf\n", fresh: 3, ids: "ids.txt")
    #expect(sample.rows == [3, 0, 5] && sample.fresh.rows == 3 && sample.fresh.columns == 5)
  }

  @Test("mistakes are named by file and line", arguments: [
    ("1\nx\n", 2, nil, "list.txt:2: \"x\" is no row number"),
    ("1\n\n2\n", 2, nil, "list.txt:2: \"\" is no row number"),
    ("1\n2.5\n", 2, nil, "list.txt:2: \"2.5\" is no row"),
    ("1\n6\n", 2, nil, "list.txt:2: row 6 is not in"),
    ("-1\n", 1, nil, "list.txt:1: row -1 is not in"),
    ("1\n4\n1\n", 3, nil, "list.txt:3: row 1 is on line 1 already"),
    ("1\n4\n", 3, nil, "has 2 lines"),
    ("1\n4\n5\n", 2, nil, "has 2 vectors"),
    ("a\nz\n", 2, "ids.txt", "list.txt:2: the id \"z\" is not in"),
    ("a\nb\na\n", 3, "ids.txt", "list.txt:3: the id \"a\" is on line 1 already"),
    ("a\n\n", 2, "ids.txt", "list.txt:2: an id is expected"),
    ("a\nb\n", 2, "short.txt", "short.txt has 5 lines"),
    ("a\nb\n", 2, "twice.txt", "twice.txt:4: the id \"b\" of the sample is on line 2 already"),
  ] as [(String, Int, String?, String)])
  func mistakes(list: String, fresh: Int, ids: String?, words: String) throws {
    try folder.write("a\nb\nc\nd\ne\n", to: "short.txt")
    try folder.write("a\nb\nc\nb\ne\nf\n", to: "twice.txt")
    let error = #expect(throws: FreshetError.self) {
      try sample(list, fresh: fresh, ids: ids)
    }
    #expect(error?.code == .badInput)
    #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
  }

  @Test("vectors of the sample that are not finite are named")
  func notFinite() throws {
    var fresh = VectorRefreshTests.vectors(3, 5)
    fresh[1, 4] = .infinity
    try VectorFile.write(fresh, to: folder.path("fresh.npy"))
    try folder.write("0\n1\n2\n", to: "list.txt")
    let error = #expect(throws: FreshetError.self) {
      try VectorSample(
        list: folder.path("list.txt"), fresh: folder.path("fresh.npy"), of: stale)
    }
    #expect(error?.message.contains("fresh.npy: row 1 is not finite at column 4") == true)
  }
}
