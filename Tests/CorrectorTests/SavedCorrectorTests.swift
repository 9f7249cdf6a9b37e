import Tensors
import Testing

@testable import Corrector

@Suite("Saved correctors")
struct SavedCorrectorTests {
  /// One of each kind, fitted.
  private func fitted() throws -> [any Corrector] {
    let pairs = networkDrift(200, 9, perturbation: 0.5, seed: 1)
    var all = try fit(pairs, quickOptions()).candidates.map(\.corrector)
    all += try fit(pairs, quickOptions { $0.normalizes = false }).candidates.map(\.corrector)
    let narrower = CorrectionPairs(stale: pairs.stale, fresh: unitRows(200, 4, seed: 2))
    all += try fit(narrower, quickOptions()).candidates.map(\.corrector)
    return all
  }

  @Test("what is read back corrects bit for bit as what was saved")
  func roundTrip() throws {
    let stale = unitRows(1500, 9, seed: 3)
    let all = try fitted()
    #expect(all.count == 15)
    for original in all {
      let tensors = Dictionary(uniqueKeysWithValues: original.tensors)
      let copy = try makeCorrector(tensors: tensors, metadata: original.metadata)
      #expect(copy.kind == original.kind)
      #expect(bits(copy.apply(stale)) == bits(original.apply(stale)))
      #expect(copy.metadata == original.metadata)
      #expect(copy.tensors.map(\.name) == original.tensors.map(\.name))
    }
  }

  @Test("damage is named")
  func damage() throws {
    for original in try fitted() where original.kind != .identity {
      let tensors = Dictionary(uniqueKeysWithValues: original.tensors)
      let name = try #require(original.tensors.first?.name)
      var missing = tensors
      missing[name] = nil
      expect(missing, original.metadata, says: "no tensor \"\(name)\"")
      var misshapen = tensors
      misshapen[name] = Matrix(rows: 2, columns: 1)
      expect(misshapen, original.metadata, says: "\"\(name)\" is 2×1")
      var broken = tensors
      broken[name]?[1, 0] = .nan
      expect(broken, original.metadata, says: "not finite at row 1")
    }
  }

  @Test(
    "metadata that cannot be is named",
    arguments: [
      ("kind", "magic"), ("normalizes", "perhaps"), ("input-dimension", "0"),
      ("output-dimension", "nine"), ("format", "freshet-corrector-9"), ("width", "-1"),
      ("output-dimension", "8"),
    ])
  func metadata(key: String, value: String) throws {
    let original = ResidualMLP(identityOf: 9, width: 4, normalizes: true, seed: 1)
    let tensors = Dictionary(uniqueKeysWithValues: original.tensors)
    var metadata = original.metadata
    metadata[key] = value
    expect(tensors, metadata, says: value)
    metadata[key] = nil
    expect(tensors, metadata, says: key == "format" ? "none" : "no \"\(key)\"")
  }

  @Test("maps that add their input need equal dimensions")
  func equalDimensions() {
    let ridge = RidgeCorrector(
      weight: gaussian(3, 2, seed: 1), bias: [0, 0], addsInput: false, normalizes: true)
    var metadata = ridge.metadata
    metadata["adds-input"] = "true"
    expect(Dictionary(uniqueKeysWithValues: ridge.tensors), metadata, says: "3 and 2 differ")
    metadata = IdentityCorrector(dimension: 3).metadata
    metadata["output-dimension"] = "2"
    expect([:], metadata, says: "3 and 2 differ")
  }

  private func expect(
    _ tensors: [String: Matrix], _ metadata: [String: String], says text: String
  ) {
    let error = #expect(throws: CorrectorError.self) {
      try makeCorrector(tensors: tensors, metadata: metadata)
    }
    #expect(error?.code == .damaged)
    #expect(error?.message.contains(text) == true, "\(error?.message ?? "") lacks \(text)")
  }
}
