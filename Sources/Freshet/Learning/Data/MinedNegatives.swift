/// Where the mined negatives of rows stand in a file that Freshet wrote: 16 bytes a row.
struct MinedNegatives: Sendable {
  fileprivate let file: DataFile
  fileprivate var places: [Place] = []

  /// A line of the file; of length 0 where a query has no negatives.
  fileprivate struct Place {
    let offset: UInt64
    let length: UInt32
  }

  var heldBytes: Int { places.capacity * MemoryLayout<Place>.stride }

  /// Ids of the negatives of a row, the best ranked first.
  func ids(ofRow row: Int) throws(FreshetError) -> [String] {
    let place = places[row]
    if place.length == 0 { return [] }
    let bytes = try file.bytes(at: Int(place.offset), upTo: Int(place.length))
    guard let node = try? JSONParser.parse(bytes), let found = try? MinedNegatives.ids(node) else {
      throw file.changed()
    }
    return found
  }

  /// What a line of ``NegativesRecord`` says of a query's negatives.
  fileprivate static func ids(_ node: JSONNode) throws(RowProblem) -> [String] {
    let negatives = try node.field("negatives")
    return try negatives.node.list(negatives.name).map { element throws(RowProblem) in
      let id = try element.field("id")
      return try id.node.id(id.name)
    }
  }
}

/// Mined negatives by query, while training data is opened.
struct NegativesOfQueries {
  private var byQuery: [(place: MinedNegatives.Place, key: IdentityKey)?]
  private(set) var mined: MinedNegatives

  /// Reads through a file of ``NegativesRecord``s; those of other queries are passed over.
  ///
  /// - Parameters:
  ///   - queries: numbers the queries that are known.
  ///   - corpus: must hold every negative of theirs.
  /// - Throws: `FreshetError.badInput` naming file and line.
  init(_ file: DataFile, queries: KeyTable, corpus: PassageTable) throws(FreshetError) {
    byQuery = .init(repeating: nil, count: queries.count)
    mined = MinedNegatives(file: file)
    var reader = try RecordReader(file)
    while let record = try reader.next() {
      let node = try record.node()
      do throws(RowProblem) {
        try add(node, record, queries, corpus)
      } catch {
        throw record.problem(error)
      }
    }
  }

  private mutating func add(
    _ node: JSONNode, _ record: DataRecord, _ queries: KeyTable, _ corpus: PassageTable
  ) throws(RowProblem) {
    let field = try node.field("query_id")
    let id = try field.node.id(field.name)
    let ids = try MinedNegatives.ids(node)
    guard let query = queries.number(of: IdentityKey(id: id)) else { return }
    guard byQuery[query] == nil else {
      throw RowProblem("the query \"\(id)\" stands twice")
    }
    let numbers = try ids.map { passage throws(RowProblem) in
      guard let number = corpus.number(of: IdentityKey(id: passage)) else {
        throw RowProblem(
          "query \"\(id)\" has the negative \"\(passage)\", which is not in \(corpus.file.name)")
      }
      return number
    }
    if numbers.isEmpty { return }
    let place = MinedNegatives.Place(
      offset: UInt64(record.offset), length: UInt32(record.bytes.count))
    byQuery[query] = (place, corpus.key(of: numbers))
  }

  /// The next row is about this query.
  ///
  /// - Returns: what identifies its negatives, nil when there are none.
  mutating func addRow(query: Int) -> IdentityKey? {
    mined.places.append(byQuery[query]?.place ?? MinedNegatives.Place(offset: 0, length: 0))
    return byQuery[query]?.key
  }

  /// The negatives by row.
  func finished() -> MinedNegatives {
    var mined = mined
    mined.places = mined.places.trimmed()
    return mined
  }
}
