internal import CKernels

/// What ``Matrix/exponentiate(blocks:scale:)`` took out: a number for each row and block.
public struct BlockExponentials: Sendable {
  /// `(rows, blocks)`: the largest element of the block, minus infinity when it has no other.
  public let tops: Matrix
  /// `(rows, blocks)`: the sum of the exponentials of the block, relative to its top.
  public let sums: Matrix
}

extension Matrix {
  /// Replaces elements by `exp(scale · (x − top))`, `top` the largest of their row and block.
  ///
  /// The log of a row's sum of exponentials is that of `sum · exp(scale · top)` over its blocks.
  /// Minus infinity becomes 0.
  ///
  /// - Parameters:
  ///   - blocks: for each block of columns, the column it ends before; ascending, the last is
  ///     `columns`. Traps otherwise.
  ///   - scale: above 0.
  public mutating func exponentiate(blocks: [Int], scale: Float) -> BlockExponentials {
    check(blocks)
    let (width, count) = (columns, blocks.count)
    var tops = Matrix(uninitializedRows: rows, columns: count)
    var sums = Matrix(uninitializedRows: rows, columns: count)
    unsafe tops.withUnsafeMutableElements { tops in
      unsafe sums.withUnsafeMutableElements { sums in
        let (tops, sums) = unsafe (SharedMutable(orEmpty: tops), SharedMutable(orEmpty: sums))
        unsafe inLongRowRanges { first, start, rows in
          unsafe ck_exponentiate_blocks(
            start, rows, width, blocks, count, scale, tops.pointer + first * count,
            sums.pointer + first * count)
        }
      }
    }
    return BlockExponentials(tops: tops, sums: sums)
  }

  /// Multiplies each row and block of columns by its factor.
  ///
  /// - Parameters:
  ///   - blocks: as in ``exponentiate(blocks:scale:)``.
  ///   - factors: `(rows, blocks)`.
  public mutating func scale(blocks: [Int], by factors: Matrix) {
    check(blocks)
    precondition(
      factors.rows == rows && factors.columns == blocks.count,
      "\(factors.rows)×\(factors.columns) factors for \(rows) rows of \(blocks.count) blocks")
    let (width, count) = (columns, blocks.count)
    unsafe factors.withUnsafeElements { factors in
      let factors = unsafe Shared(orEmpty: factors)
      unsafe inLongRowRanges { first, start, rows in
        unsafe ck_scale_blocks(
          start, rows, width, blocks, count, factors.pointer + first * count)
      }
    }
  }

  private func check(_ blocks: [Int]) {
    precondition(
      blocks.last ?? 0 == columns && zip([0] + blocks, blocks).allSatisfy { $0 <= $1 },
      "blocks must end in ascending order, the last at the \(columns) columns")
  }

  /// Ranges of rows on all threads: few rows to a thread when rows are long.
  private mutating func inLongRowRanges(
    _ body: @Sendable (Int, UnsafeMutablePointer<Float>, Int) -> Void
  ) {
    let (height, width) = (rows, columns)
    unsafe withUnsafeMutableElements { all in
      let all = unsafe SharedMutable(orEmpty: all)
      Threads.forEachRange(of: height, minimum: elementsPerThread / max(width, 1)) { range in
        unsafe body(range.lowerBound, all.pointer + range.lowerBound * width, range.count)
      }
    }
  }
}

/// Elements below which a second thread costs more than it brings.
private let elementsPerThread = 1 << 14
