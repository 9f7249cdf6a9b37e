internal import Tensors

/// One part of a living index: vectors, and an index over them.
struct LivingPart: Sendable {
  let vectors: Matrix
  var segment: IndexSegment
  /// Given once, in order; 0 before the part is in a list.
  var number = 0
}

/// The parts of a living index and where each row is.
struct LivingState: Sendable {
  /// Where a row stands: in which part, and where in it.
  struct Place {
    var part: Int
    var row: Int
  }

  private(set) var parts: [LivingPart] = []
  private(set) var places: [Int: Place] = [:]
  private var nextNumber = 1

  var deadShare: Double {
    let held = parts.reduce(0) { $0 + $1.vectors.rows }
    return held > 0 ? Double(held - places.count) / Double(held) : 0
  }

  /// The newest parts, when they should be one: two of about the same size. Never the oldest with
  /// others, once it is an index by the recipe and not a scan.
  var smallParts: [LivingPart]? {
    guard let last = parts.last, let before = parts.dropLast().last,
      before.segment.index is ExactIndex, before.segment.live <= 2 * last.segment.live
    else { return nil }
    return [before, last]
  }

  mutating func append(_ part: LivingPart) {
    var part = part
    part.number = nextNumber
    nextNumber += 1
    for row in 0..<part.vectors.rows {
      move(part.segment.name(row), to: Place(part: part.number, row: row))
    }
    parts.append(part)
  }

  /// Whether the row was there.
  mutating func delete(_ name: Int) -> Bool {
    guard let place = places.removeValue(forKey: name) else { return false }
    bury(place)
    return true
  }

  /// Puts a part, built from the live rows of others at some time before, in their place. Rows that
  /// were deleted or replaced since are dead in it.
  mutating func replace(_ former: [LivingPart], by part: LivingPart) {
    let numbers = Set(former.map(\.number))
    var part = part
    part.number = nextNumber
    nextNumber += 1
    for row in 0..<part.vectors.rows {
      let name = part.segment.name(row)
      if let place = places[name], numbers.contains(place.part) {
        places[name] = Place(part: part.number, row: row)
      } else {
        part.segment.dead.insert(row)
      }
    }
    let position = parts.firstIndex { numbers.contains($0.number) } ?? parts.endIndex
    parts.removeAll { numbers.contains($0.number) }
    if part.vectors.rows > 0 { parts.insert(part, at: position) }
  }

  private mutating func move(_ name: Int, to place: Place) {
    if let former = places.updateValue(place, forKey: name) { bury(former) }
  }

  private mutating func bury(_ place: Place) {
    guard let position = parts.firstIndex(where: { $0.number == place.part }) else { return }
    parts[position].segment.dead.insert(place.row)
  }
}
