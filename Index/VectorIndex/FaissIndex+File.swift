public import Tensors

extension FaissIndex {
  /// Writes the index as a plain FAISS file, which other FAISS programs read too.
  ///
  /// The file appears whole or not at all: it is written beside, flushed, and renamed.
  /// - Throws: `IndexError.io` when it cannot be written (a full disk among the reasons).
  public func save(to path: String) throws(IndexError) {
    try replaceFile(path) { (temporary) throws(IndexError) in
      try handle.save(temporary, vectors: vectors) }
  }

  /// Reads a FAISS file.
  ///
  /// FAISS trusts what it reads, so a damaged file can take the process down: give the checksum
  /// that was taken when it was written, or use `IndexFiles`, which keeps one.
  ///
  /// - Parameters:
  ///   - sha256: checked before FAISS sees the file; `nil` only for files known to be whole.
  ///   - vectors: the vectors that were indexed, `(count, dimension)`, to attach.
  ///   - recipe: how it was built, for kinds that the file does not tell (those with a transform,
  ///     refinement or fast scan).
  /// - Throws: `IndexError`: `damaged`, `io`, `unsupportedRecipe` (a metric or a kind not served),
  ///   `backend` (not a FAISS file), `invalidArgument` (vectors of another shape).
  public static func load(
    from path: String, sha256: String? = nil, vectors: Matrix? = nil, recipe: String? = nil
  ) throws(IndexError) -> FaissIndex {
    if let sha256 {
      let actual = try checksum(ofFile: path)
      guard actual == sha256 else {
        throw IndexError(
          .damaged,
          "\(path) is damaged: its SHA-256 is \(actual), recorded is \(sha256); rebuild it")
      }
    }
    let handle = try FaissHandle.load(path)
    let recipe = recipe ?? "foreign"
    let index = FaissIndex(adopting: handle, vectors: nil, foreign: recipe)
    guard let vectors else { return index }
    guard vectors.rows == index.count, vectors.columns == index.dimension else {
      throw IndexError(
        .invalidArgument,
        "\(path) holds \(index.count) vectors of \(index.dimension) dimensions, given are "
          + "\(vectors.rows) of \(vectors.columns)")
    }
    try handle.codeStorage()
    return FaissIndex(adopting: handle, vectors: vectors, foreign: recipe)
  }
}
