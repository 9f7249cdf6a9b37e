import Foundation
import Tensors

/// The frozen trunk's vectors of all passages and questions, computed once and mapped from disk.
struct FeatureSet: Sendable {
  /// (passages, d) and (questions, d): every row of length √d, its columns about standard.
  let passages: Matrix, queries: Matrix
  let passageIDs: [String], queryIDs: [String]
  /// What they were computed by; part of what identifies a run.
  let origin: String

  /// Number of columns.
  var dimension: Int { passages.columns }

  private struct Names: Codable {
    let origin: String
    let dimension: Int
    let passages: [String], queries: [String]
  }

  /// Keeps features in memory.
  ///
  /// The features are standardised by column, each side by its own mean and deviation, because
  /// questions and passages lie around different centres; then rows are brought to one length.
  init(origin: String, raw: TextFeatures, passageIDs: [String], queryIDs: [String]) {
    self.origin = origin
    self.passageIDs = passageIDs
    self.queryIDs = queryIDs
    passages = raw.passages.standardised()
    queries = raw.queries.standardised()
  }

  /// Maps the features of a folder ``write(to:)`` has made.
  init(mapping folder: URL) throws {
    let file = folder.appendingPathComponent("names.json")
    guard let data = FileManager.default.contents(atPath: file.path) else {
      throw ExperimentError("\(file.path): no such file; run \"training-experiments features\"")
    }
    let names = try JSONDecoder().decode(Names.self, from: data)
    origin = names.origin
    passageIDs = names.passages
    queryIDs = names.queries
    passages = try Matrix(
      mapping: folder.appendingPathComponent("passages.f32").path, rows: passageIDs.count,
      columns: names.dimension)
    queries = try Matrix(
      mapping: folder.appendingPathComponent("queries.f32").path, rows: queryIDs.count,
      columns: names.dimension)
  }

  /// Writes the rows as little-endian floats, and the ids last: a folder with ids is whole.
  func write(to folder: URL) throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    for (name, rows) in [("passages", passages), ("queries", queries)] {
      let data = rows.elements.withUnsafeBytes { Data($0) }
      try data.write(to: folder.appendingPathComponent("\(name).f32"), options: .atomic)
    }
    let names = Names(
      origin: origin, dimension: dimension, passages: passageIDs, queries: queryIDs)
    try JSONEncoder().encode(names).write(
      to: folder.appendingPathComponent("names.json"), options: .atomic)
  }
}

extension Matrix {
  /// Columns of mean 0 and deviation 1, then rows of length √columns.
  func standardised() -> Matrix {
    let count = Float(max(rows, 1))
    var result = self
    result.addToRows(columnSums().map { -$0 / count })
    var squares = result
    squares.withMutableSpan { span in
      for i in span.indices { span[i] *= span[i] }
    }
    let factors = squares.columnSums().map { 1 / max(($0 / count).squareRoot(), 1e-6) }
    let width = columns
    result.withMutableSpan { span in
      for i in span.indices { span[i] *= factors[i % width] }
    }
    let length = Float(width).squareRoot()
    result.scaleRows(by: result.rowNorms().map { length / max($0, 1e-6) })
    return result
  }
}
