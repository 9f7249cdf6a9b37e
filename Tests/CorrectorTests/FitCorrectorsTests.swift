import Tensors
import Testing

@testable import Corrector

@Suite("Fitting on a sample")
struct FitCorrectorsTests {
  private let pairs = networkDrift(400, 16, perturbation: 0.4, seed: 1)

  @Test("on unseen passages, KL is finite, not negative, and below the stale one")
  func divergenceFalls() throws {
    let queries = networkDrift(80, 16, perturbation: 0.4, seed: 1).fresh
    let report = try fit(pairs, queries: queries, quickOptions { $0.mlp.steps = 600 })
    let stale = try #require(report.keep).kl
    #expect(stale.estimate > 0.01)
    for candidate in report.candidates {
      let kl = candidate.judgement.kl
      #expect(kl.low >= 0 && kl.high.isFinite)
      if [.lowRank, .ridge, .clusters, .residualMLP].contains(candidate.corrector.kind) {
        #expect(kl.high < stale.low, "\(candidate.corrector.kind)")
      }
    }
  }

  @Test("the order of the pairs does not matter")
  func orderIsIrrelevant() throws {
    var random = RandomStream(seed: 2)
    let order = Array(0..<400).shuffled(using: &random)
    let shuffled = CorrectionPairs(
      stale: pairs.stale.gathering(order), fresh: pairs.fresh.gathering(order))
    let a = try fit(pairs, quickOptions()), b = try fit(shuffled, quickOptions())
    #expect(a.table == b.table)
    #expect(a.heldOutRows == b.heldOutRows.map { order[$0] })
    for (left, right) in zip(a.candidates, b.candidates) {
      #expect(left.corrector.tensors.map { bits($0.values) }
        == right.corrector.tensors.map { bits($0.values) })
    }
  }

  @Test("the same seed gives the same report, another seed another split")
  func seeds() throws {
    let a = try fit(pairs, quickOptions()), b = try fit(pairs, quickOptions())
    let other = try fit(pairs, quickOptions { $0.seed = 9 })
    #expect(a.table == b.table && a.comparisons == b.comparisons && a.errorModel == b.errorModel)
    #expect(a.heldOutRows == b.heldOutRows)
    #expect(a.heldOutRows != other.heldOutRows)
  }

  @Test("a part's own fresh vectors do not reach what it is judged on")
  func ownPartIsUnseen() throws {
    // One strength: the choice between several looks at all parts, and says so.
    let options = quickOptions {
      ($0.ridgeStrengths, $0.ranks) = ([0.01], [8])
      ($0.clusters, $0.clusterStrengths) = ([4], [1])
    }
    let folds = try Folds(pairs, options: options)
    let part = folds.order[folds.parts[1]]
    // Rows of one part that claim there was no drift: any look at them would favour the identity.
    var lied = pairs
    for row in part { lied.fresh.setRow(row, to: pairs.stale.row(row)) }
    func heldOut(_ pairs: CorrectionPairs, _ kind: CorrectorKind) throws -> [Int: [Float]] {
      let fitter = Fitter(pairs, folds, options: options, progress: { _, _ in })
      let fit = try #require(
        fitter.fitAll(clock: { 0 }).fitted.first { $0.corrector.kind == kind }).fit
      return Dictionary(
        uniqueKeysWithValues: folds.order.enumerated().map { ($1, fit.outOfFold.row($0)) })
    }
    for kind in [CorrectorKind.procrustes, .lowRank, .ridge, .clusters] {
      let honest = try heldOut(pairs, kind), misled = try heldOut(lied, kind)
      for row in 0..<pairs.fresh.rows {
        #expect((honest[row] == misled[row]) == part.contains(row), "\(kind), row \(row)")
      }
    }
    // A network is also stopped by the part after the one it is judged on.
    let honest = try heldOut(pairs, .residualMLP), misled = try heldOut(lied, .residualMLP)
    #expect(part.allSatisfy { honest[$0] == misled[$0] })
  }

  @Test("judgements are of the rows' cross-fitted corrections")
  func judgementsAreOfHeldOut() throws {
    let report = try fit(pairs, quickOptions())
    #expect(report.heldOutRows.sorted() == Array(0..<400) && report.fitRows == 400)
    let again = try judge(
      corrected: report.heldOut, fresh: pairs.fresh.gathering(report.heldOutRows), queries: nil,
      options: quickOptions())
    #expect(abs(again.kl.estimate - report.judgement.kl.estimate) < 1e-6)
    #expect(abs(again.recallAt10.estimate - report.judgement.recallAt10.estimate) < 1e-9)
    for candidate in report.candidates { #expect(candidate.judgement.passages == 400) }
    // What goes to use has seen them and comes out nearer.
    let seen = report.corrector.apply(pairs.stale.gathering(report.heldOutRows))
    let flattered = try judge(
      corrected: seen, fresh: pairs.fresh.gathering(report.heldOutRows), queries: nil,
      options: quickOptions())
    #expect(flattered.cosine.estimate > report.judgement.cosine.estimate)
  }

  @Test("a network that ridge leads on the first part is not fitted further, and it is said why")
  func networksMustLead() throws {
    // An affine drift is all that ridge needs.
    let stale = unitRows(300, 12, seed: 30)
    let affine = CorrectionPairs(stale: stale, fresh: linearDrift(stale, size: 0.5, seed: 31))
    let report = try fit(affine, quickOptions { $0.mlp.mustLead = true })
    #expect(
      report.candidates.map(\.corrector.kind) == [
        .identity, .procrustes, .lowRank, .ridge, .clusters,
      ])
    let skipped = try #require(report.skipped.first { $0.kind == .residualMLP })
    #expect(skipped.reason.contains("behind ridge on the first 60 pairs"))
    let whole = try fit(affine, quickOptions())
    let kinds = whole.candidates.map(\.corrector.kind)
    #expect(kinds == [.identity, .procrustes, .lowRank, .ridge, .clusters, .residualMLP])
    // A drift on a circle is what no affine map can follow.
    let turned = angles(300, seed: 32)
    let bent = CorrectionPairs(stale: circle(turned), fresh: circle(drifted(turned)))
    let leading = try fit(
      bent, quickOptions {
        ($0.mlp.mustLead, $0.kinds) = (true, [.ridge, .residualMLP])
        $0.mlp.steps = 600
      })
    #expect(leading.corrector.kind == .residualMLP)
  }

  @Test("ridge is judged on each pair by the map of all others")
  func ridgeLeavesEachOut() throws {
    let few = pairs.gathering(Array(0..<60))
    let report = try fit(
      few,
      quickOptions {
        $0.kinds = [.ridge]
        $0.ridgeStrengths = [0.01]
        $0.notWorseMargin = 0
      })
    try #require(report.corrector.kind == .ridge)
    for (place, row) in report.heldOutRows.enumerated() {
      let others = few.gathering((0..<60).filter { $0 != row })
      // λ is of the sum over 60 rows; 59 have a little less of it.
      var all = CrossMoments(about: few.stale, few.fresh), sums = all
      all.add(few.stale, few.fresh)
      sums.add(others.stale, others.fresh)
      let system = PrimalRidge(sums, staleColumns: 16)
      let whole = PrimalRidge(all, staleColumns: 16)
      let map = try RidgeCorrector.fitting(
        system, strength: 0.01 * whole.staleTrace / system.staleTrace, normalizes: true)
      let expected = map.apply(few.stale.gathering([row]))
      #expect(largestDifference(report.heldOut[rows: place..<place + 1], expected) < 1e-4)
    }
  }

  @Test("what is judged foretells what unseen rows get")
  func judgementsAreTrue() throws {
    let many = networkDrift(2400, 16, perturbation: 0.4, seed: 1)
    let report = try fit(many.gathering(Array(0..<400)), quickOptions())
    let unseen = many.gathering(Array(400..<2400))
    for candidate in report.candidates {
      let cosines = rowCosines(candidate.corrector.apply(unseen.stale), unseen.fresh)
      let judged = candidate.judgement.cosine
      #expect(mean(cosines) > judged.low - 0.01 && mean(cosines) < judged.high + 0.03)
    }
  }

  @Test("seconds come from the clock; progress runs from 0 to 1")
  func clockAndProgress() throws {
    var shares: [String: [Double]] = [:]
    let clock = TickingClock()
    let report = try fitCorrectors(
      pairs, queries: nil, options: quickOptions(), clock: clock.read,
      progress: { shares[$0, default: []].append($1) })
    // One tick per look: kinds are also charged for what they share, ridge for its sums and maps.
    #expect(report.candidates.map(\.fitSeconds) == [1, 2, 3, 3, 3, 1])
    for kind in CorrectorKind.allCases where !kind.readsText {
      let stage = try #require(shares["fit \(kind.rawValue)"])
      #expect(stage.first == 0 && stage.last == 1 && stage == stage.sorted())
    }
    #expect(shares["fit residual-mlp"]?.count ?? 0 > 3)
  }

  @Test("between dimensions, the linear maps remain", arguments: [(16, 10), (10, 16)])
  func differentDimensions(d: Int, e: Int) throws {
    let stale = unitRows(300, d, seed: 3)
    var fresh = product(stale, gaussian(d, e, seed: 4))
    fresh.normalizeRows()
    let report = try fit(CorrectionPairs(stale: stale, fresh: fresh), quickOptions())
    #expect(report.candidates.map(\.corrector.kind) == [.procrustes, .lowRank, .ridge, .clusters])
    #expect(report.skipped.map(\.kind) == [.identity, .residualMLP])
    #expect(report.skipped.allSatisfy { $0.reason.contains("\(d)") && $0.reason.contains("\(e)") })
    #expect(report.keep == nil)
    #expect(report.corrector.kind == .ridge)
    let corrected = report.corrector.apply(stale)
    #expect(corrected.columns == e)
    #expect(report.predictedErrors(stale: stale, corrected: corrected).count == 300)
  }

  @Test("only the kinds asked for are fitted, beside the identity")
  func kinds() throws {
    let report = try fit(pairs, quickOptions { $0.kinds = [.ridge] })
    #expect(report.candidates.map(\.corrector.kind) == [.identity, .ridge])
    #expect(report.table.map(\.isChosen).filter { $0 }.count == 1)
  }

  @Test("not normalising leaves the norms to the map")
  func withoutNormalizing() throws {
    var long = pairs
    long.stale.scale(by: 3)
    long.fresh.scale(by: 5)
    let report = try fit(long, quickOptions { $0.normalizes = false })
    let ridge = try #require(report.candidates.first { $0.corrector.kind == .ridge })
    let norms = ridge.corrector.apply(long.stale).rowNorms()
    #expect(norms.allSatisfy { $0 > 2.5 && $0 < 6.5 })
  }
}

@Suite("Samples that cannot be fitted")
struct RefusalTests {
  private func refusal(
    _ stale: Matrix, _ fresh: Matrix, queries: Matrix? = nil, _ options: FitOptions = quickOptions()
  ) -> CorrectorError? {
    do throws(CorrectorError) {
      _ = try fit(CorrectionPairs(stale: stale, fresh: fresh), queries: queries, options)
      return nil
    } catch {
      return error
    }
  }

  @Test("too few pairs", arguments: [0, 1, 19])
  func tooFew(rows: Int) {
    let some = unitRows(rows, 4, seed: 1)
    let error = refusal(some, some)
    #expect(error?.code == .tooFewPairs)
    let message = error?.message ?? ""
    #expect(message.contains("\(rows) pairs") && message.contains("20"))
  }

  @Test("twenty pairs are enough") func justEnough() {
    #expect(refusal(unitRows(20, 4, seed: 2), unitRows(20, 4, seed: 3)) == nil)
  }

  @Test("pairs that are all the same passage") func allDuplicates() {
    let same = Matrix([[Float]](repeating: [0.6, 0.8], count: 40))
    let error = refusal(same, same)
    #expect(error?.code == .tooFewPairs)
    #expect(error?.message.contains("1 differ") == true)
  }

  @Test("shapes that do not fit") func shapes() {
    let stale = unitRows(30, 4, seed: 4)
    let short = refusal(stale, unitRows(29, 4, seed: 5))
    #expect(short?.code == .dimensionMismatch)
    #expect(short?.message.contains("30") == true && short?.message.contains("29") == true)
    let queries = refusal(stale, stale, queries: unitRows(5, 3, seed: 6))
    #expect(queries?.code == .dimensionMismatch)
    #expect(queries?.message.contains("3 dimensions") == true)
    let empty = refusal(Matrix(rows: 30, columns: 0), stale)
    #expect(empty?.code == .dimensionMismatch)
  }

  @Test("NaN and infinity, naming the row", arguments: [Float.nan, .infinity, -.infinity])
  func notFinite(value: Float) {
    let good = unitRows(30, 4, seed: 7)
    var bad = good
    bad[13, 2] = value
    let stale = refusal(bad, good), fresh = refusal(good, bad)
    let query = refusal(good, good, queries: bad)
    for (error, name) in [(stale, "stale"), (fresh, "fresh"), (query, "query")] {
      #expect(error?.code == .notFinite)
      #expect(error?.message.contains("\(name) vector 13") == true)
    }
  }

  @Test("options outside their range, by name")
  func options() {
    let changes: [(String, (inout FitOptions) -> Void)] = [
      ("folds", { $0.folds = 2 }), ("folds", { $0.folds = 21 }),
      ("exactShares", { $0.exactShares = [0] }), ("exactShares", { $0.exactShares = [0.5, 1] }),
      ("temperature", { $0.temperature = -1 }), ("confidence", { $0.confidence = 1 }),
      ("bootstrapSamples", { $0.bootstrapSamples = 1 }),
      ("ridgeStrengths", { $0.ridgeStrengths = [] }),
      ("ridgeStrengths", { $0.ridgeStrengths = [0] }), ("ranks", { $0.ranks = [] }),
      ("ranks", { $0.ranks = [8, 0] }), ("clusters", { $0.clusters = [] }),
      ("clusters", { $0.clusters = [1] }), ("clusterStrengths", { $0.clusterStrengths = [] }),
      ("clusterStrengths", { $0.clusterStrengths = [-1] }), ("mlp.width", { $0.mlp.width = 0 }),
      ("mlp.textWidth", { $0.mlp.textWidth = 0 }), ("mlp.textSteps", { $0.mlp.textSteps = 0 }),
      ("mlp.steps", { $0.mlp.steps = 0 }), ("mlp.batchRows", { $0.mlp.batchRows = 0 }),
      ("mlp.learningRate", { $0.mlp.learningRate = .nan }),
      ("notWorseMargin", { $0.notWorseMargin = -0.1 }),
      ("klMargin", { $0.klMargin = -0.1 }),
      ("cosineMargin", { $0.cosineMargin = .nan }),
    ]
    let some = unitRows(30, 4, seed: 8)
    for (name, change) in changes {
      let error = refusal(some, some, quickOptions(change))
      #expect(error?.code == .invalidOption)
      #expect(error?.message.hasPrefix(name) == true, "\(name): \(error?.message ?? "no error")")
    }
  }

  @Test("nothing asked for can be fitted") func nothing() {
    let error = refusal(
      unitRows(30, 4, seed: 9), unitRows(30, 3, seed: 10),
      quickOptions { $0.kinds = [.residualMLP] })
    #expect(error?.code == .nothingFitted)
    #expect(error?.message.contains("residual-mlp") == true)
  }
}

@Suite("Folds")
struct FoldsTests {
  @Test("parts cover the pairs once", arguments: [20, 21, 97, 1000])
  func partition(rows: Int) throws {
    let some = unitRows(rows, 3, seed: 1)
    let folds = try Folds(CorrectionPairs(stale: some, fresh: some), options: FitOptions())
    #expect(folds.order.sorted() == Array(0..<rows))
    #expect(folds.parts.count == 5 && folds.parts.flatMap(Array.init) == Array(0..<rows))
    for part in folds.parts { #expect(abs(Double(part.count) - 0.2 * Double(rows)) <= 1) }
  }

  @Test("duplicates stay together, so that none is judged on what was learnt")
  func duplicatesStayTogether() throws {
    let distinct = unitRows(30, 3, seed: 2)
    let rows = (0..<300).map { $0 % 30 }
    // The same passage may be encoded twice with other last bits: only the stale row counts.
    let pairs = CorrectionPairs(
      stale: distinct.gathering(rows), fresh: unitRows(300, 3, seed: 3))
    for seed in UInt64(0)..<20 {
      var options = FitOptions()
      options.seed = seed
      let folds = try Folds(pairs, options: options)
      let parts = folds.parts.map { Set(folds.order[$0].map { rows[$0] }) }
      #expect(parts.reduce(0) { $0 + $1.count } == 30)
    }
  }
}
