import Foundation
import Tensors
import VectorIndex

/// Unit vectors around a few centres: what embeddings look like to an index.
func clusteredVectors(
  _ rows: Int, dimension: Int = 32, clusters: Int = 20, spread: Double = 0.25, seed: UInt64 = 1
) -> Matrix {
  var centreRandom = RandomStream(seed: 99)
  let centres = (0..<clusters).map { _ in (0..<dimension).map { _ in centreRandom.normal() } }
  var random = RandomStream(seed: seed, stream: 1)
  var elements: [Float] = []
  elements.reserveCapacity(rows * dimension)
  for _ in 0..<rows {
    let centre = centres[Int(random.next() % UInt64(clusters))]
    let vector = centre.map { $0 + spread * 3 * random.normal() }
    let norm = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
    elements.append(contentsOf: vector.map { Float($0 / norm) })
  }
  return Matrix(rows: rows, columns: dimension, elements: elements)
}

/// The dumb loop: all scores in double precision, sorted, excluded rows left out.
func referenceTopK(
  _ queries: Matrix, _ vectors: Matrix, k: Int, excluding excluded: Set<Int> = []
) -> [[Neighbor]] {
  let rows = (0..<vectors.rows).filter { !excluded.contains($0) }.map { ($0, vectors.row($0)) }
  return (0..<queries.rows).map { query in
    let q = queries.row(query)
    let scored = rows.map { row, vector in
      let score = zip(q, vector).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
      return Neighbor(row: row, score: Float(score))
    }
    return Array(scored.sorted(by: Neighbor.precedes).prefix(k))
  }
}

/// Share of the true neighbours that were found.
func recall(_ found: [[Neighbor]], of truth: [[Neighbor]]) -> Double {
  var hits = 0
  var total = 0
  for (list, true_) in zip(found, truth) {
    hits += Set(list.map(\.row)).intersection(true_.map(\.row)).count
    total += true_.count
  }
  return total == 0 ? 1 : Double(hits) / Double(total)
}

/// Whether lists hold what every search promises: rows that exist, none twice, none excluded, in
/// order, and as many as there are up to `k`.
func keepsPromises(
  _ found: [[Neighbor]], k: Int, count: Int, excluding excluded: Set<Int> = []
) -> Bool {
  let allowed = count - excluded.filter { $0 < count }.count
  return found.allSatisfy { list in
    let rows = Set(list.map(\.row))
    return list.count == min(k, allowed) && rows.count == list.count
      && rows.allSatisfy { (0..<count).contains($0) } && rows.isDisjoint(with: excluded)
      && zip(list, list.dropFirst()).allSatisfy { Neighbor.precedes($0, $1) }
      && list.allSatisfy { $0.score.isFinite }
  }
}

/// A folder that is gone after the test.
final class TemporaryFolder {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appendingPathComponent("index-\(UUID())")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }
  deinit { try? FileManager.default.removeItem(at: url) }

  func path(_ name: String) -> String { url.appendingPathComponent(name).path }

  /// Names of everything in it, folders entered.
  var contents: [String] {
    let names = FileManager.default.enumerator(atPath: url.path)?.allObjects as? [String]
    return (names ?? []).sorted()
  }
}

/// The error of `body`, when it is an `IndexError`.
func indexError(_ body: () throws -> Void) -> IndexError? {
  do { try body() } catch { return error as? IndexError }
  return nil
}
