internal import CKernels

/// Vectors as 8-bit codes in blocks of 16 rows: what a scan reads instead of the floats, a quarter of
/// the memory.
///
/// A code loses something, and how much is known: for each row the length of what its codes leave
/// out. So a score from codes comes with a bound on its error (``ScoreBound``), and a scan that takes
/// the bound into account is exact.
///
/// @unchecked Sendable: written while it is made, by loops over disjoint rows, and only read then.
@safe final class CodedVectors: @unchecked Sendable {
  /// Rows that are scored at once: their codes stay in the second-level cache meanwhile.
  static let chunkRows = 512

  let rows: Int
  /// Groups of four dimensions.
  let groups: Int
  private let memory: Buffer
  let scales: [Float]
  /// Of each row: at least ‖x − x̂‖, and at least ‖x‖.
  let losses: [RowLoss]
  /// The largest losses of each chunk.
  let chunkLosses: [RowLoss]

  /// Codes the rows of `vectors`, which must be finite. Reads them once, on all threads.
  init(_ vectors: Matrix) {
    rows = vectors.rows
    groups = (vectors.columns + 3) / 4
    let blocks = (rows + Int(CK_BLOCK_ROWS) - 1) / Int(CK_BLOCK_ROWS)
    memory = Buffer(uninitialized: blocks * groups * Int(CK_BLOCK_ROWS))
    var scales = [Float](repeating: 0, count: blocks * Int(CK_BLOCK_ROWS))
    var losses = [RowLoss](repeating: RowLoss(), count: scales.count)
    let coder = unsafe BlockCoder(vectors: vectors, groups: groups, codes: memory.base)
    unsafe scales.withUnsafeMutableBufferPointer { scales in
      unsafe losses.withUnsafeMutableBufferPointer { losses in
        let (scales, losses) = unsafe (SharedSlots(scales), SharedSlots(losses))
        Threads.forEachRange(of: blocks, minimum: 64) { range in
          for block in range {
            unsafe coder.code(block, scales.slots, losses.slots)
          }
        }
      }
    }
    self.scales = scales
    self.losses = losses
    chunkLosses = stride(from: 0, to: rows, by: Self.chunkRows).map { start in
      losses[start..<min(start + Self.chunkRows, losses.count)].reduce(into: RowLoss()) {
        $0.formMaximum($1)
      }
    }
  }

  /// Number of chunks.
  var chunks: Int { chunkLosses.count }

  /// The rows of a chunk.
  func rows(ofChunk chunk: Int) -> Range<Int> {
    chunk * Self.chunkRows..<min((chunk + 1) * Self.chunkRows, rows)
  }

  /// Scores every query against the rows of a chunk: `out[q * chunkRows + r]`.
  func score(
    _ chunk: Int, against queries: UnsafeBufferPointer<ck_coded_query>,
    into out: UnsafeMutablePointer<Float>
  ) {
    let first = chunk * Self.chunkRows
    let blocks = (rows(ofChunk: chunk).count + Int(CK_BLOCK_ROWS) - 1) / Int(CK_BLOCK_ROWS)
    unsafe scales.withUnsafeBufferPointer { scales in
      guard let scale = scales.baseAddress, let query = queries.baseAddress else { return }
      // 4 codes to a float's place.
      let codes = unsafe UnsafeRawPointer(memory.base + first * groups)
      unsafe ck_score_blocks(
        codes.assumingMemoryBound(to: UInt8.self), scale + first, blocks, groups, query,
        queries.count, out, Self.chunkRows)
    }
  }
}

/// What the codes of a row leave out, rounded up.
struct RowLoss: Sendable {
  /// ‖x − x̂‖.
  var rest: Float = 0
  /// ‖x‖.
  var norm: Float = 0

  init() {}

  init(_ coding: ck_coding) {
    rest = Float(coding.lost.squareRoot() * 1.000_001).nextUp
    norm = Float(coding.squares.squareRoot() * 1.000_001).nextUp
  }

  mutating func formMaximum(_ other: RowLoss) {
    rest = max(rest, other.rest)
    norm = max(norm, other.norm)
  }
}

/// Writes blocks.
///
/// @unchecked Sendable: the pointer outlives the loop, whose bodies write different blocks.
@safe private struct BlockCoder: @unchecked Sendable {
  let vectors: Matrix
  let groups: Int
  let codes: UnsafeMutablePointer<Float>

  init(vectors: Matrix, groups: Int, codes: UnsafeMutablePointer<Float>) {
    self.vectors = vectors
    self.groups = groups
    unsafe self.codes = codes
  }

  func code(
    _ block: Int, _ scales: UnsafeMutableBufferPointer<Float>,
    _ losses: UnsafeMutableBufferPointer<RowLoss>
  ) {
    let size = Int(CK_BLOCK_ROWS), stride = 4 * groups
    let rows = block * size..<min((block + 1) * size, vectors.rows)
    // The codes of the rows in turn, after room for one rotated row.
    let bytes = (size + 4) * max(stride, 1)
    unsafe withUnsafeTemporaryAllocation(byteCount: bytes, alignment: 64) { scratch in
      unsafe vectors[rows: rows].withUnsafeElements { all in
        guard let x = all.baseAddress, let start = scratch.baseAddress else { return }
        let rotated = unsafe start.assumingMemoryBound(to: Float.self)
        let coded = unsafe (start + 4 * stride).assumingMemoryBound(to: UInt8.self)
        for (i, row) in rows.enumerated() {
          let coding = unsafe ck_encode_row(
            x + i * vectors.columns, vectors.columns, stride, rotated, coded + i * stride)
          unsafe scales[row] = coding.scale
          unsafe losses[row] = RowLoss(coding)
        }
        let target = unsafe UnsafeMutableRawPointer(codes + block * size * groups)
        unsafe ck_interleave_rows(
          coded, stride, rows.count, groups, target.assumingMemoryBound(to: UInt8.self))
      }
    }
  }
}
