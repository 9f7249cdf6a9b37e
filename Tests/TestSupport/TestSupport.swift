public import Foundation
public import Tensors

/// The folder of committed fixtures.
public let fixtures = URL(fileURLWithPath: #filePath)
  .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Fixtures")

/// The folder of retrieval sets that may lie beside the package; tests that need it say so.
public let sharedData = URL(fileURLWithPath: #filePath)
  .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
  .appendingPathComponent("../shared/data").standardizedFileURL

/// The folder of the real all-MiniLM-L6-v2, where `tools/fetch-encoder` put it, or nil.
public let realModel: URL? = {
  let environment = ProcessInfo.processInfo.environment
  let cache = environment["FRESHET_CACHE"] ?? NSHomeDirectory() + "/.cache/freshet"
  let places = [environment["FRESHET_MODEL"], cache + "/models/all-MiniLM-L6-v2"]
  return places.compactMap { $0 }.map { URL(fileURLWithPath: $0) }.first {
    FileManager.default.fileExists(atPath: $0.appendingPathComponent("model.safetensors").path)
  }
}()

/// A new empty folder, removed when the value goes away.
public final class TemporaryFolder: Sendable {
  public let url: URL

  public init() throws {
    url = FileManager.default.temporaryDirectory
      .appendingPathComponent("freshet-test-\(UUID().uuidString)", isDirectory: true)
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  /// A path inside the folder.
  public func path(_ name: String) -> String { url.appendingPathComponent(name).path }

  /// Writes a text file into the folder and returns its path.
  @discardableResult
  public func write(_ text: String, to name: String) throws -> String {
    try text.write(toFile: path(name), atomically: false, encoding: .utf8)
    return path(name)
  }
}

extension Matrix {
  /// A matrix of standard normal draws, scaled.
  public static func normal(
    _ rows: Int, _ columns: Int, seed: UInt64, scale: Double = 1
  ) -> Matrix {
    var random = RandomStream(seed: seed)
    return Matrix(
      rows: rows, columns: columns,
      elements: (0..<rows * columns).map { _ in Float(random.normal() * scale) })
  }
}

/// The largest absolute difference of two lists; infinite when their lengths differ.
public func largestDifference(_ a: [Float], _ b: [Float]) -> Float {
  guard a.count == b.count else { return .infinity }
  return zip(a, b).reduce(0) { largest, pair in
    let difference = abs(pair.0 - pair.1)
    return difference.isNaN ? .infinity : max(largest, difference)
  }
}

/// The norm of the difference over the norm of the expected list: one number for a whole gradient.
public func relativeError(_ got: [Float], _ expected: [Double]) -> Double {
  guard got.count == expected.count else { return .infinity }
  let difference = zip(got, expected).reduce(0.0) {
    $0 + ($1.1 - Double($1.0)) * ($1.1 - Double($1.0))
  }
  let size = expected.reduce(0.0) { $0 + $1 * $1 }
  let error = (difference / max(size, 1e-60)).squareRoot()
  return error.isNaN ? .infinity : error
}

/// The first tag of an HTML page or an SVG file that closes another than the last one opened, or
/// that is never closed; nil when there is none.
public func misplacedTag(in page: String) -> String? {
  var open: [Substring] = []
  for tag in page.matches(of: /<(\/?)([a-z0-9]+)[^>]*>/) {
    if ["meta", "link"].contains(tag.2) { continue }
    if tag.1.isEmpty {
      open.append(tag.2)
    } else if open.popLast() != tag.2 {
      return "</\(tag.2)>"
    }
  }
  return open.last.map { "<\($0)>" }
}

/// Central differences in float64 of a function of a list of numbers.
public func centralDifferences(
  at x: [Double], step: Double = 1e-5, _ f: ([Double]) -> Double
) -> [Double] {
  x.indices.map { i in
    var (above, below) = (x, x)
    above[i] += step
    below[i] -= step
    return (f(above) - f(below)) / (2 * step)
  }
}
