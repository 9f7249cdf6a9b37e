/// What stops the experiments: one line that says what happened, where, and what to do.
struct ExperimentError: Error, CustomStringConvertible {
  let message: String

  init(_ message: String) { self.message = message }

  var description: String { message }
}
