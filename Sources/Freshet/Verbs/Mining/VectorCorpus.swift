internal import Foundation
internal import Mining
internal import Tensors
internal import VectorIndex

/// Passages of a folder of vectors; texts stay in their file until they are asked for.
final class VectorCorpus: MiningCorpus {
  let vectors: Matrix
  let index: any VectorIndex
  let name: String
  let hasTexts: Bool
  var identities: PassageIdentities { lines.identities }
  private let lines: Lines
  /// Ids by row, where there are no texts.
  private let ids: [String]
  private let file: DataFile?

  var excluded: RowSet { [] }
  var generation: Int { -1 }
  var lexical: (@Sendable ([String], Int) throws -> [[Neighbor]])? { nil }

  /// - Throws: `FreshetError.badInput` naming file and line.
  init(_ folder: URL) throws {
    let numbers = try VectorFile("corpus", in: folder)
    let texts = try TextFile(beside: numbers.path, rows: numbers.rows)
    vectors = try numbers.all()
    index = try exactIndex(vectors)
    name = "\(numbers.path), \(numbers.rows) rows, exact"
    hasTexts = texts.hasTexts
    var lines = Lines(identities: PassageIdentities(rows: numbers.rows))
    if texts.hasTexts {
      let file = try DataFile(
        path: texts.path, temporaryFolder: FileManager.default.temporaryDirectory)
      try lines.read(file)
      (self.file, ids) = (file, [])
    } else {
      (file, ids) = (nil, try texts.ids())
      for id in ids { _ = lines.table.insert(IdentityKey(id: id)) }
    }
    lines.table.trim()
    try texts.check(lines: lines.table.count)
    self.lines = lines
  }

  /// The row of a passage, nil when it is not there.
  func row(of id: String) -> Int? { lines.table.number(of: IdentityKey(id: id)) }

  func passages(rows: [Int]) throws -> [Passage] {
    guard let file else { return rows.map { Passage(id: ids[$0], text: "") } }
    return try rows.map { row in
      let place = lines.places[row]
      let bytes = try file.bytes(at: Int(place.offset), upTo: Int(place.length))
      guard let node = try? JSONParser.parse(bytes), let passage = try? Passage(vectorLine: node),
        self.row(of: passage.id) == row
      else { throw file.changed() }
      return passage
    }
  }

  func checkUnchanged() {}
  func provenances(rows: [Int]) -> [Int: String] { [:] }
}

/// What is kept of the lines of texts: their places, not they themselves.
private struct Lines {
  var identities: PassageIdentities
  var table = KeyTable()
  var places: [(offset: UInt64, length: UInt32)] = []

  mutating func read(_ file: DataFile) throws(FreshetError) {
    var reader = try RecordReader(file)
    while let record = try reader.next() {
      let node = try record.node()
      do throws(RowProblem) {
        let passage = try Passage(vectorLine: node)
        let (row, isNew) = table.insert(IdentityKey(id: passage.id))
        guard isNew else { throw RowProblem("the id \"\(passage.id)\" stands twice") }
        places.append((UInt64(record.offset), UInt32(record.bytes.count)))
        identities.add(row: row, title: passage.title, text: passage.text)
      } catch {
        throw record.problem(error)
      }
    }
  }
}

extension Passage {
  /// A line of the texts beside a matrix.
  fileprivate init(vectorLine node: JSONNode) throws(RowProblem) {
    let id = try node.field("_id", "id", "docid")
    let text = try node.field("text", "contents")
    self.init(
      id: try id.node.id(id.name), title: try node["title"]?.string("title") ?? "",
      text: try text.node.string(text.name))
  }
}
