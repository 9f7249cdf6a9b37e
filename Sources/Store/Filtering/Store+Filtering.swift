import Foundation
import GRDB

extension Store {
  /// Rows, ascending, of the passages a filter holds for; deleted ones never.
  ///
  /// - Throws: `StoreError.invalidArgument` for a filter that can never be asked.
  /// - Complexity: one reading of all metadata; conditions on ids alone look them up.
  public func rows(where filter: PassageFilter) throws -> [Int] {
    try filter.validate()
    return try read("filtering passages") { db in
      let condition = filter.sql
      return try Int.fetchAll(
        db, sql: "SELECT row FROM passage WHERE deleted = 0 AND \(condition.text) ORDER BY row",
        arguments: condition.arguments)
    }
  }
}
