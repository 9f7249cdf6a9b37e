/// Where the passages of training data stand in a file: 37 bytes each, whatever their texts.
struct PassageTable: Sendable {
  private var table = KeyTable()
  private var places: [Place] = []
  let file: DataFile

  /// A passage's JSON value in the file.
  private struct Place {
    /// The highest bit says that the data names an id.
    let offset: UInt64
    let length: UInt32
    let checksum: UInt32

    static let hasID = UInt64(1) << 63
  }

  init(in file: DataFile) { self.file = file }

  var count: Int { table.count }

  var heldBytes: Int { table.heldBytes + places.capacity * MemoryLayout<Place>.stride }

  /// The number of a passage, nil when it is not there.
  func number(of key: IdentityKey) -> Int32? { table.number(of: key).map(Int32.init) }

  /// What identifies a list of passages: ids and texts, in order.
  func key(of numbers: [Int32]) -> IdentityKey {
    IdentityKey(
      list: numbers.map { number in
        let key = table.keys[Int(number)]
        return IdentityKey(high: key.high, low: key.low ^ UInt64(places[Int(number)].checksum))
      })
  }

  /// Remembers a passage that was read at these bytes of the file.
  ///
  /// - Returns: its number, and whether it is new.
  /// - Throws: `RowProblem` when its id came before with another text.
  mutating func add(
    _ passage: DataPassage, at bytes: Range<Int>
  ) throws(RowProblem) -> (number: Int32, isNew: Bool) {
    let (number, isNew) = table.insert(passage.key)
    let checksum = passage.checksum
    if isNew {
      places.append(
        Place(
          offset: UInt64(bytes.lowerBound) | (passage.id == nil ? 0 : Place.hasID),
          length: UInt32(bytes.count), checksum: checksum))
    } else if places[number].checksum != checksum {
      throw RowProblem(
        "the passage \"\(passage.id ?? "")\" has another text here than before; give different "
          + "passages different ids, or leave the ids out")
    }
    return (Int32(number), isNew)
  }

  /// The id of a passage: the data's own, or one made of its text.
  func id(of number: Int32) throws(FreshetError) -> String {
    let key = table.keys[Int(number)]
    guard places[Int(number)].offset & Place.hasID != 0 else { return key.id }
    guard let id = try passage(Int(number)).id else { throw file.changed() }
    return id
  }

  /// The id of a passage, the data's own or one made of its text, and its text.
  func passage(at number: Int32) throws(FreshetError) -> (id: String, text: String) {
    let passage = try passage(Int(number))
    return (passage.id ?? table.keys[Int(number)].id, passage.text)
  }

  /// The text of the passage with this id, nil when there is none.
  func text(ofID id: String) throws(FreshetError) -> String? {
    guard let number = table.number(of: IdentityKey(id: id)) else { return nil }
    return try passage(number).text
  }

  /// Reads a passage again, and makes sure that it is what it was.
  private func passage(_ number: Int) throws(FreshetError) -> DataPassage {
    let place = places[number]
    let bytes = try file.bytes(
      at: Int(place.offset & ~Place.hasID), upTo: Int(place.length))
    guard let node = try? JSONParser.parse(bytes), let passage = try? DataPassage(node, file.name),
      passage.checksum == place.checksum, passage.key == table.keys[number]
    else { throw file.changed() }
    return passage
  }

  /// The passages of a corpus: JSON Lines of `{"_id", "title"?, "text"}`.
  ///
  /// - Throws: `FreshetError.badInput` naming file and line, also of an id that stands twice.
  init(corpus file: DataFile) throws(FreshetError) {
    self.init(in: file)
    var reader = try RecordReader(file)
    while let record = try reader.next() {
      let node = try record.node()
      do throws(RowProblem) {
        let id = try node.field("_id", "id", "docid", "passage_id")
        let passage = try DataPassage(node, id.name)
        guard number(of: passage.key) == nil else {
          throw RowProblem("the id \"\(passage.id ?? "")\" stands twice")
        }
        _ = try add(passage, at: record.offset..<record.offset + record.bytes.count)
      } catch {
        throw record.problem(error)
      }
    }
    trim()
  }

  /// Gives back what was held for growing.
  mutating func trim() {
    table.trim()
    places = places.trimmed()
  }
}
