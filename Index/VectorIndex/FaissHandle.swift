internal import FaissShim
internal import Tensors

/// Owns one FAISS index.
///
/// @unchecked Sendable: the pointer is set once. Adding, training and coding happen in
/// `FaissIndex.build` and `load` before anyone else holds the handle; from then on there are only
/// searches, walks and writing to a file, which are const in FAISS and may run side by side (the
/// memories of walks are lent under a lock of the shim's).
@safe final class FaissHandle: @unchecked Sendable {
  private let index: OpaquePointer

  private init(adopting index: OpaquePointer) { unsafe self.index = index }
  deinit { unsafe fs_free(index) }

  var description: fs_description {
    var result = fs_description()
    unsafe fs_describe(index, &result)
    return result
  }

  /// Whether vectors can be added.
  var isTrained: Bool { description.trained != 0 }
}

/// Runs a call of the shim; a status other than OK becomes an error that begins with `what`.
private func check(
  _ what: String, _ call: (UnsafeMutablePointer<CChar>?, Int32) -> fs_status
) throws(IndexError) {
  var text = [CChar](repeating: 0, count: 512)
  let status = unsafe text.withUnsafeMutableBufferPointer { buffer in
    unsafe call(buffer.baseAddress, Int32(buffer.count))
  }
  guard status != FS_OK else { return }
  let bytes = text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:))
  let reason = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline)
  throw IndexError(code(of: status), "\(what): \(reason.joined(separator: " "))")
}

private func code(of status: fs_status) -> IndexError.Code {
  switch status {
  case FS_INVALID: .invalidArgument
  case FS_NO_MEMORY: .outOfMemory
  case FS_IO: .io
  case FS_UNSUPPORTED: .unsupportedRecipe
  default: .backend
  }
}

extension FaissHandle {
  /// An empty index. `shape` has been validated for `dimension`.
  static func create(
    _ shape: RecipeShape, dimension: Int, seed: Int
  ) throws(IndexError) -> FaissHandle {
    // 40 is FAISS's own breadth; 100 finds 1 to 2 more of 100 neighbours for twice the build time.
    var options = fs_build_options(
      seed: Int32(truncatingIfNeeded: seed) & Int32.max, ef_construction: 100)
    var index: OpaquePointer?
    try unsafe check("recipe '\(shape.factoryString)'") { text, capacity in
      unsafe fs_create(
        shape.factoryString, Int32(dimension), &options, &index, text, capacity)
    }
    return try unsafe adopt(index, "recipe '\(shape.factoryString)'")
  }

  /// Reads a FAISS file whose checksum has been verified.
  static func load(_ path: String) throws(IndexError) -> FaissHandle {
    var index: OpaquePointer?
    try unsafe check("cannot read the index \(path)") { text, capacity in
      unsafe fs_load(path, &index, text, capacity)
    }
    return try unsafe adopt(index, "cannot read the index \(path)")
  }

  private static func adopt(
    _ index: OpaquePointer?, _ what: String
  ) throws(IndexError) -> FaissHandle {
    guard let index = unsafe index else { throw IndexError(.backend, "\(what): no index came") }
    return unsafe FaissHandle(adopting: index)
  }

  /// Writes a plain FAISS file and flushes it to the disk.
  ///
  /// - Parameter vectors: those that were indexed; needed when codes stand for them.
  func save(_ path: String, vectors: Matrix?) throws(IndexError) {
    let (index, none) = unsafe (index, Matrix(rows: 0, columns: 0))
    try unsafe (vectors ?? none).withUnsafeElements { (all) throws(IndexError) in
      try unsafe check("cannot write the index \(path)") { text, capacity in
        unsafe fs_save(index, vectors == nil ? nil : all.baseAddress, path, text, capacity)
      }
    }
  }

  /// Lets codes stand for the whole vectors under a graph; nothing for other kinds. Before anyone
  /// else holds the handle.
  func codeStorage() throws(IndexError) {
    try unsafe check("coding the vectors of a graph") { text, capacity in
      unsafe fs_code_storage(index, text, capacity)
    }
  }

  /// Trains on `n * d` floats, `n` ≥ 1.
  func train(_ rows: UnsafeBufferPointer<Float>, n: Int, threads: Int) throws(IndexError) {
    try unsafe check("training") { text, capacity in
      unsafe fs_train(index, Int64(n), rows.baseAddress, Int32(threads), text, capacity)
    }
  }

  /// Appends `n * d` floats.
  func add(_ rows: UnsafeBufferPointer<Float>, n: Int, threads: Int) throws(IndexError) {
    try unsafe check("adding vectors") { text, capacity in
      unsafe fs_add(index, Int64(n), rows.baseAddress, Int32(threads), text, capacity)
    }
  }
}

extension FaissHandle {
  /// Up to `request.depth` rows per query.
  ///
  /// - Parameter excluded: rows left out by FAISS itself; `nil` for kinds that cannot (plain PQ).
  func search(
    _ queries: UnsafeBufferPointer<Float>, n: Int, _ request: FaissRequest,
    excluding excluded: RowSet?
  ) throws(IndexError) -> FaissResults {
    var results = FaissResults(queries: n, depth: request.depth)
    let words = excluded?.words ?? []
    try unsafe check("searching") { text, capacity in
      unsafe words.withUnsafeBufferPointer { words in
        var options = unsafe fs_search_options(
          threads: Int32(request.threads), ef_search: Int32(request.breadth),
          probes: Int32(request.probes), exhaustive: request.exhaustive ? 1 : 0,
          excluded: words.isEmpty ? nil : words.baseAddress, excluded_words: Int64(words.count))
        return unsafe fs_search(
          index, Int64(n), queries.baseAddress, Int64(request.depth), &options, &results.scores,
          &results.rows, text, capacity)
      }
    }
    return results
  }
}

extension FaissHandle {
  /// The nodes that walks over a coded graph find, scored by `vectors`, on the calling thread.
  ///
  /// - Parameters:
  ///   - queries: (n, dimension), n ≥ 1.
  ///   - vectors: those that were indexed.
  ///   - breadth: nodes the walk keeps.
  ///   - kept: results per query at most.
  func walk(
    _ queries: Matrix, vectors: Matrix, breadth: Int, kept: Int, excluding excluded: RowSet
  ) throws(IndexError) -> FaissResults {
    var results = FaissResults(queries: queries.rows, depth: kept)
    let (index, words) = unsafe (index, excluded.words)
    try unsafe queries.withUnsafeElements { (queries) throws(IndexError) in
      try unsafe vectors.withUnsafeElements { (vectors) throws(IndexError) in
        try unsafe check("searching") { text, capacity in
          unsafe words.withUnsafeBufferPointer { words in
            var options = unsafe fs_walk_options(
              breadth: Int32(breadth), kept: Int32(kept), excluded: words.baseAddress,
              excluded_words: Int64(words.count))
            return unsafe fs_walk(
              index, Int64(results.queries), queries.baseAddress, vectors.baseAddress, &options,
              &results.scores, &results.rows, text, capacity)
          }
        }
      }
    }
    return results
  }
}
