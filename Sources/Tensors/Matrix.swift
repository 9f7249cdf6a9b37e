/// A dense row-major matrix of `Float`; element (i, j) lives at `i * columns + j`.
///
/// A value: copying is O(1) and shares memory until one of the copies is changed. Rows taken with
/// `matrix[rows:]` share it too, and so do rows mapped from a file, which are copied on first write.
/// One type therefore serves weights, activations, and vector files larger than memory.
@safe public struct Matrix: Sendable {
  /// Number of rows.
  public private(set) var rows: Int
  /// Number of columns; consecutive rows are `columns` elements apart.
  public let columns: Int
  private var offset: Int
  private var buffer: Buffer

  /// A `rows × columns` matrix of zeros. Traps when an extent is negative.
  public init(rows: Int, columns: Int) {
    self.init(uninitializedRows: rows, columns: columns)
    unsafe buffer.base.initialize(repeating: 0, count: rows * columns)
  }

  /// A matrix whose elements the caller is about to write, every one of them.
  init(uninitializedRows rows: Int, columns: Int) {
    precondition(
      rows >= 0 && columns >= 0, "Matrix extents must not be negative: \(rows)×\(columns)")
    self.rows = rows
    self.columns = columns
    offset = 0
    buffer = Buffer(uninitialized: rows * columns)
  }

  /// A matrix of the given elements, row after row. Traps when their number is not `rows * columns`.
  public init(rows: Int, columns: Int, elements: [Float]) {
    precondition(
      elements.count == rows * columns, "\(elements.count) elements for a \(rows)×\(columns) matrix"
    )
    self.init(uninitializedRows: rows, columns: columns)
    unsafe elements.withUnsafeBufferPointer { source in
      guard let start = source.baseAddress else { return }
      unsafe buffer.base.initialize(from: start, count: source.count)
    }
  }

  /// A matrix of equally long rows. Traps when their lengths differ.
  public init(_ rows: [[Float]]) {
    let columns = rows.first?.count ?? 0
    precondition(rows.allSatisfy { $0.count == columns }, "rows of different lengths")
    self.init(rows: rows.count, columns: columns, elements: rows.flatMap { $0 })
  }

  /// Maps `rows × columns` little-endian floats of a file, read-only, from `byteOffset` on.
  ///
  /// - Throws: `MappingError` when the file cannot be opened or is too short.
  /// - Complexity: O(1); pages are read when they are touched.
  public init(
    mapping path: String, rows: Int, columns: Int, byteOffset: Int = 0
  ) throws(MappingError) {
    precondition(
      rows >= 0 && columns >= 0, "Matrix extents must not be negative: \(rows)×\(columns)")
    buffer = try Buffer(mapping: path, byteOffset: byteOffset, capacity: rows * columns)
    self.rows = rows
    self.columns = columns
    offset = 0
  }

  /// Number of elements.
  public var count: Int { rows * columns }

  /// Whether the elements are pages of a mapped file.
  public var isMapped: Bool { !buffer.isWritable }

  /// A copy of all elements, row after row.
  public var elements: [Float] { unsafe withUnsafeElements { unsafe Array($0) } }

  /// Element (row, column). For loops, lend whole rows with `withSpan` instead.
  public subscript(row: Int, column: Int) -> Float {
    get {
      check(row, column)
      return unsafe buffer.base[offset + row * columns + column]
    }
    set {
      check(row, column)
      let index = row * columns + column
      unsafe withUnsafeMutableElements { unsafe $0[index] = newValue }
    }
  }

  private func check(_ row: Int, _ column: Int) {
    precondition(
      row >= 0 && row < rows && column >= 0 && column < columns,
      "(\(row), \(column)) is outside a \(rows)×\(columns) matrix")
  }

  /// Consecutive rows, sharing memory with this matrix. O(1).
  public subscript(rows range: Range<Int>) -> Matrix {
    precondition(
      range.lowerBound >= 0 && range.upperBound <= rows, "rows \(range) of a matrix of \(rows) rows"
    )
    var part = self
    part.rows = range.count
    part.offset = offset + range.lowerBound * columns
    return part
  }

  /// The same elements with another number of columns. O(1); traps when the counts differ.
  public func reshaped(rows: Int, columns: Int) -> Matrix {
    precondition(
      rows * columns == count, "cannot reshape \(self.rows)×\(self.columns) to \(rows)×\(columns)")
    return Matrix(sharing: self, rows: rows, columns: columns)
  }

  private init(sharing other: Matrix, rows: Int, columns: Int) {
    self.rows = rows
    self.columns = columns
    offset = other.offset
    buffer = other.buffer
  }

  /// Lends the elements, row after row, for the duration of `body`. O(1), no copy.
  public func withUnsafeElements<Result, Failure: Error>(
    _ body: (UnsafeBufferPointer<Float>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try unsafe body(UnsafeBufferPointer(start: buffer.base + offset, count: count))
  }

  /// Lends the elements for writing. O(1) when this value is the only owner, else one copy.
  public mutating func withUnsafeMutableElements<Result, Failure: Error>(
    _ body: (UnsafeMutableBufferPointer<Float>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    makeUnique()
    return try unsafe body(UnsafeMutableBufferPointer(start: buffer.base + offset, count: count))
  }

  private mutating func makeUnique() {
    if isKnownUniquelyReferenced(&buffer), buffer.isWritable { return }
    let copy = Buffer(uninitialized: count)
    unsafe copy.base.initialize(from: buffer.base + offset, count: count)
    // Whoever changes a whole mapped matrix has no more use for the file's pages.
    if count == buffer.capacity { buffer.dropPages() }
    buffer = copy
    offset = 0
  }

  /// Changes the number of rows, contents undefined, keeping the memory when it is large enough.
  mutating func resize(rows newRows: Int) {
    if !isKnownUniquelyReferenced(&buffer) || !buffer.isWritable
      || buffer.capacity < newRows * columns
    {
      buffer = Buffer(uninitialized: newRows * columns)
    }
    offset = 0
    rows = newRows
  }
}

extension Matrix: Equatable {
  /// Bitwise-equal shape and values in the sense of `Float.==` (so NaN differs from itself).
  public static func == (left: Matrix, right: Matrix) -> Bool {
    guard left.rows == right.rows, left.columns == right.columns else { return false }
    return unsafe left.withUnsafeElements { a in
      unsafe right.withUnsafeElements { b in unsafe a.elementsEqual(b) }
    }
  }
}
