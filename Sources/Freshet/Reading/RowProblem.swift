/// What is wrong with a row of a file, in words; who knows the place makes a `FreshetError` of it.
struct RowProblem: Error, Equatable {
  let words: String

  init(_ words: String) { self.words = words }
}
