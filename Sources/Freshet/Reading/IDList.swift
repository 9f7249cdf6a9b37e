/// Ids, one per line.
public enum IDList {
  /// The ids of a file; "-" is standard input, .gz is unpacked. Empty lines are passed over, blanks
  /// at the ends of a line are part of its id.
  ///
  /// - Throws: `FreshetError.badInput` when the file cannot be read.
  public static func read(path: String) throws -> [String] {
    var lines = try TextLines(path: path)
    var ids: [String] = []
    while let line = try lines.next() {
      if !line.isEmpty { ids.append(line) }
    }
    return ids
  }
}
