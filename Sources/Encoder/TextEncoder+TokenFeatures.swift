public import Tensors

extension TextEncoder {
  /// The mean word embedding of each text's tokens as the role's network would see them: what it
  /// starts from, for the price of tokenising and a table look-up.
  ///
  /// - Returns: `(texts, hidden)`, `hidden` that of the role's network, a zero row for a text
  ///   without tokens. A text's row does not depend on the others.
  /// - Complexity: O(tokens · hidden); beside the result, memory for one text per thread.
  public func wordMeans(of texts: [String], as role: TextRole) -> Matrix {
    let model = model(for: role)
    let means = texts.concurrentMap { model.wordMean(of: self.tokenize($0, as: role).ids) }
    return Matrix(means, columns: model.hiddenWidth)
  }
}

extension EmbeddingModel {
  /// Columns of the table of word embeddings.
  public var hiddenWidth: Int { bert.wordEmbeddings.columns }

  /// The mean word embedding of each sequence of token ids, special ones included.
  ///
  /// - Returns: `(sequences, hiddenWidth)`, a zero row for an empty one.
  public func wordMeans(of sequences: [[Int32]]) -> Matrix {
    Matrix(sequences.concurrentMap { self.wordMean(of: $0) }, columns: hiddenWidth)
  }

  fileprivate func wordMean(of ids: [Int32]) -> [Float] {
    let scale = 1 / Float(max(ids.count, 1))
    return bert.wordEmbeddings.gathering(ids.map(Int.init)).columnSums().map { $0 * scale }
  }
}

extension Matrix {
  fileprivate init(_ rows: [[Float]], columns: Int) {
    self.init(rows: rows.count, columns: columns, elements: rows.flatMap(\.self))
  }
}
