/// Thinning of lines that have more points than a picture has columns.
enum Envelope {
  /// The points of a line, at most four for each of `columns` equal parts of [0, 1]: the first, the
  /// lowest, the highest and the last, so that the picture of the line stays the same.
  ///
  /// - Parameter line: places by ascending x.
  static func thinned(_ line: [Place], columns: Int) -> [Place] {
    guard line.count > 4 * columns else { return line }
    var (thinned, start) = ([Place](), 0)
    while start < line.count {
      let column = self.column(of: line[start], columns)
      var end = start + 1
      while end < line.count, self.column(of: line[end], columns) == column { end += 1 }
      thinned += extremes(line, start..<end)
      start = end
    }
    return thinned
  }

  private static func column(of place: Place, _ columns: Int) -> Int {
    Int(min(max(place.x, 0), 1) * Double(columns))
  }

  private static func extremes(_ line: [Place], _ range: Range<Int>) -> [Place] {
    var (low, high) = (range.lowerBound, range.lowerBound)
    for i in range {
      if line[i].y < line[low].y { low = i }
      if line[i].y > line[high].y { high = i }
    }
    return Set([range.lowerBound, low, high, range.upperBound - 1]).sorted().map { line[$0] }
  }
}

/// A place in a plot: (0, 0) is bottom left, (1, 1) top right.
struct Place: Equatable {
  var x: Double, y: Double
}
