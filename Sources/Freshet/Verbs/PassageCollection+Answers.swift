public import Evaluation
internal import Store

extension PassageCollection {
  /// DPR's top-k accuracy of a run: how often a passage among the first k holds an answer.
  ///
  /// Only a passage's text is looked at, as there, not its title.
  ///
  /// - Parameters:
  ///   - answers: question id → answers; these questions are counted.
  ///   - matches: whether one of the answers stands in a text.
  /// - Throws: as ``AnswerAccuracy/init(of:questions:cutoffs:rules:holds:)``; `StoreError`.
  public func answerAccuracy(
    of run: Run, answers: [String: [String]], cutoffs: [Int] = AnswerAccuracy.cutoffs,
    rules: EvaluationRules = EvaluationRules(),
    matches: (_ answers: [String], _ text: String) -> Bool
  ) throws -> AnswerAccuracy {
    try AnswerAccuracy(
      of: run, questions: answers.keys.sorted(), cutoffs: cutoffs, rules: rules
    ) { question, id in
      guard let passage = try store.passage(id: id), let known = answers[question] else {
        return false
      }
      return matches(known, passage.text)
    }
  }
}
