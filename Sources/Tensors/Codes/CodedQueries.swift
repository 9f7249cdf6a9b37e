internal import CKernels

/// How far a score from codes may be from the exact one.
///
/// With x̂ and q̂ the vectors that the codes stand for,
/// ⟨q, x⟩ − ⟨q̂, x̂⟩ = ⟨q̂, x − x̂⟩ + ⟨q − q̂, x⟩, which by Cauchy and Schwarz is at most
/// ‖q̂‖ · ‖x − x̂‖ + ‖q − q̂‖ · ‖x‖ in magnitude. (Codes are of rotated vectors, which have the same
/// lengths and inner products.) Both scores are also rounded: a float sum of d products is off by less
/// than d · 2⁻²³ · ‖q‖ · ‖x‖ in whatever order it is summed (Higham 2002, section 3.1), and the at most
/// 16 additions and two products of a rotated element by less than 2⁻¹⁹; the second factor takes
/// that in.
struct ScoreBound: Sendable {
  private let ofRest: Float
  private let ofNorm: Float

  init(_ query: ck_coding, dimension: Int) {
    let (norm, lost) = (query.squares.squareRoot(), query.lost.squareRoot())
    ofRest = Float((norm + lost) * 1.000_01).nextUp
    ofNorm = Float((lost + Double(dimension + 64) * 0x1p-23 * norm) * 1.000_01).nextUp
  }

  /// At least the difference of the exact score of a row and the one from its codes.
  func error(_ row: RowLoss) -> Float { ofRest * row.rest + ofNorm * row.norm }
}

/// Queries, coded to be compared with coded rows.
struct CodedQueries: Sendable {
  let count: Int
  let bounds: [ScoreBound]
  private let stride: Int
  private let codes: [Int8]
  private let scales: [Float]
  private let sums: [Int32]

  /// - Parameter queries: `(q, d)`, finite.
  init(_ queries: Matrix) {
    count = queries.rows
    // Rows of a graph are padded to whole cache lines, and their query with them.
    let (width, stride) = (queries.columns, (queries.columns + 63) / 64 * 64)
    var codes = [UInt8](repeating: 0, count: queries.rows * stride)
    var codings: [ck_coding] = []
    var rotated = [Float](repeating: 0, count: width)
    unsafe queries.withUnsafeElements { all in
      unsafe codes.withUnsafeMutableBufferPointer { codes in
        guard let x = all.baseAddress, let codes = codes.baseAddress else { return }
        codings = (0..<queries.rows).map {
          unsafe ck_encode_row(x + $0 * width, width, stride, &rotated, codes + $0 * stride)
        }
      }
    }
    self.stride = stride
    self.codes = codes.map { Int8(bitPattern: $0 ^ 0x80) }
    scales = codings.map(\.scale)
    bounds = codings.map { ScoreBound($0, dimension: width) }
    let signed = self.codes
    sums = codings.indices.map { query in
      signed[query * stride..<(query + 1) * stride].reduce(0) { $0 + Int32($1) }
    }
  }

  /// Lends the queries as the kernels take them.
  func withKernelQueries<Result>(
    _ body: (UnsafeBufferPointer<ck_coded_query>) -> Result
  ) -> Result {
    unsafe codes.withUnsafeBufferPointer { codes in
      let all = unsafe scales.indices.map { query in
        unsafe ck_coded_query(
          codes: codes.baseAddress.map { unsafe $0 + query * stride }, scale: scales[query],
          sum: sums[query])
      }
      return unsafe all.withUnsafeBufferPointer { unsafe body($0) }
    }
  }
}
