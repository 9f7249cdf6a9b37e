import Testing

@testable import VectorIndex

@Suite struct RowSetTests {
  @Test(arguments: [[], [0], [63], [64], [0, 1, 63, 64, 65, 127, 128, 1000]])
  func holdsWhatWasPutIn(_ rows: [Int]) {
    let set = RowSet(rows.reversed() + rows)
    #expect(set.rows == rows)
    #expect(set.count == rows.count)
    #expect(set.isEmpty == rows.isEmpty)
    for row in -2...1100 { #expect(set.contains(row) == rows.contains(row)) }
    for limit in [0, 1, 63, 64, 65, 128, 129, 999, 1000, 1001, 5000] {
      #expect(set.count(below: limit) == rows.filter { $0 < limit }.count)
    }
  }

  @Test func unionAndEquality() {
    var set: RowSet = [5, 70]
    set.formUnion([70, 2, 900])
    #expect(set == RowSet([2, 5, 70, 900]))
    #expect(set != RowSet([2, 5, 70]))
  }

  @Test func aNegativeRowTraps() async {
    await #expect(processExitsWith: .failure) { _ = RowSet([-1]) }
  }
}
