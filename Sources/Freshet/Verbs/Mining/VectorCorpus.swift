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
  private(set) var identities: PassageIdentities
  private var table = KeyTable()
  /// Ids by row, where there are no texts.
  private var ids: [String] = []
  private var file: DataFile?
  private var places: [(offset: UInt64, length: UInt32)] = []

  var excluded: RowSet { [] }
  var generation: Int { -1 }
  var lexical: (([String], Int) throws -> [[Neighbor]])? { nil }

  /// - Throws: `FreshetError.badInput` naming file and line.
  init(_ folder: URL) throws {
    let numbers = try NumpyVectors(path: folder.appendingPathComponent("corpus.npy").path)
    let texts = try TextFile(beside: numbers.path, rows: numbers.rows)
    vectors = try numbers.all()
    index = try exactIndex(vectors)
    name = "\(numbers.path), \(numbers.rows) rows, exact"
    hasTexts = texts.hasTexts
    identities = PassageIdentities(rows: numbers.rows)
    if texts.hasTexts {
      let temporary = FileManager.default.temporaryDirectory
      try read(try DataFile(path: texts.path, temporaryFolder: temporary))
    } else {
      ids = try texts.ids()
      for id in ids { _ = table.insert(IdentityKey(id: id)) }
    }
    table.trim()
    try texts.check(lines: table.count)
  }

  /// The row of a passage, nil when it is not there.
  func row(of id: String) -> Int? { table.number(of: IdentityKey(id: id)) }

  func passages(rows: [Int]) throws -> [Passage] {
    guard let file else { return rows.map { Passage(id: ids[$0], text: "") } }
    return try rows.map { row in
      let bytes = try file.bytes(at: Int(places[row].offset), upTo: Int(places[row].length))
      guard let node = try? JSONParser.parse(bytes), let passage = try? Self.passage(node),
        table.number(of: IdentityKey(id: passage.id)) == row
      else { throw file.changed() }
      return passage
    }
  }

  func checkUnchanged() {}
  func provenances(rows: [Int]) -> [Int: String] { [:] }

  private func read(_ file: DataFile) throws(FreshetError) {
    self.file = file
    var reader = try RecordReader(file)
    while let record = try reader.next() {
      let node = try record.node()
      do throws(RowProblem) {
        let passage = try Self.passage(node)
        let (row, isNew) = table.insert(IdentityKey(id: passage.id))
        guard isNew else { throw RowProblem("the id \"\(passage.id)\" stands twice") }
        places.append((UInt64(record.offset), UInt32(record.bytes.count)))
        identities.add(row: row, title: passage.title, text: passage.text)
      } catch {
        throw record.problem(error)
      }
    }
  }

  private static func passage(_ node: JSONNode) throws(RowProblem) -> Passage {
    let id = try node.field("_id", "id", "docid")
    let text = try node.field("text", "contents")
    return Passage(
      id: try id.node.id(id.name), title: try node["title"]?.string("title") ?? "",
      text: try text.node.string(text.name))
  }
}
