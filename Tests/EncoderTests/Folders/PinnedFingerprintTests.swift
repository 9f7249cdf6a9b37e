import TestSupport
import Testing

@testable import Encoder

/// Collections on disk name their encoders by these values: they must never change.
@Suite("fingerprints of whole encoders, tokenizer included")
struct PinnedFingerprintTests {
  @Test("of the small fixtures", arguments: ["legacy", "modern"])
  func small(fixture: String) throws {
    let encoder = try TextEncoder(folder: FolderFixtures.url(fixture))
    let pinned = "be1aedd3a98eef0c76b0269a8c3078e866d6113be8d051e19a8d3a5eb97e0bbd"
    #expect(encoder.fingerprint == pinned)
  }

  @Test(
    "of a plain folder, by pooling and scale",
    arguments: [
      (PoolingMode.cls, false, "ec6a49423be5f23844c766365c2238874513c6d41c40d84e5ca123493fc2a56a"),
      (.mean, true, "0ca8e90da061a9ff9360dade4ee1a14c45752d8aac2314b0a6589480a77ebfa5"),
      (.max, false, "0e4030ef51a8a6a3e6b8df0eb055379092a18885bb96e5d4a558594a5b7abc11"),
    ])
  func plain(pooling: PoolingMode, normalizes: Bool, expected: String) throws {
    let encoder = try TextEncoder(
      folder: FolderFixtures.url("plain"), pooling: pooling, normalizes: normalizes)
    #expect(encoder.fingerprint == expected)
  }

  @Test(
    "of all-MiniLM-L6-v2",
    .enabled(
      if: realModel != nil, "needs the model: set FRESHET_MODEL or run tools/test"))
  func real() throws {
    let encoder = try TextEncoder(folder: #require(realModel))
    let pinned = "80fc64533cfcd64034ce513c147af8d3f665270ed425a1a1149ad86d48c29882"
    #expect(encoder.fingerprint == pinned)
  }
}
