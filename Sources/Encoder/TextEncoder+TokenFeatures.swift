public import Tensors

extension TextEncoder {
  /// The mean word embedding of each text's tokens as the role's network would see them: what it
  /// starts from, for the price of tokenising and a table look-up.
  ///
  /// - Returns: `(texts, hidden)`, `hidden` that of the role's network, a zero row for a text
  ///   without tokens. A text's row does not depend on the others.
  /// - Complexity: O(tokens · hidden); beside the result, memory for one text per thread.
  public func wordMeans(of texts: [String], as role: TextRole) -> Matrix {
    let table = model(for: role).bert.wordEmbeddings
    let means = texts.concurrentMap { text -> [Float] in
      let ids = self.tokenize(text, as: role).ids.map(Int.init)
      let scale = 1 / Float(max(ids.count, 1))
      return table.gathering(ids).columnSums().map { $0 * scale }
    }
    return Matrix(rows: texts.count, columns: table.columns, elements: means.flatMap(\.self))
  }
}
