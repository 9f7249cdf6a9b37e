public import Evaluation
internal import Tensors
public import Training

extension TrainingData {
  /// These pairs as a development set: their queries, their positives as judgements, and passages
  /// to find them among.
  ///
  /// - Parameters:
  ///   - queries: how many queries to draw; nil for all.
  ///   - passages: how many passages to search: the answers, filled up with others that are drawn;
  ///     nil for all.
  ///   - seed: decides both draws.
  ///   - deciding: the metric that says which weights are best.
  /// - Throws: `FreshetError.badInput` when a file was changed since it was opened.
  public func developmentSet(
    queries: Int? = nil, passages: Int? = nil, seed: UInt64 = 1, deciding: Metric = .ndcg(10)
  ) throws -> DevelopmentSet {
    var order = RandomStream(seed: seed, stream: 0).permutation(of: count)
    if queries == nil { order.sort() }
    var texts: [DevelopmentSet.Query] = []
    var judgements: [String: [String: Int]] = [:]
    var ids: Set<String> = []
    for index in order {
      guard texts.count < queries ?? .max else { break }
      let pair = try pair(at: index)
      guard judgements[pair.queryID] == nil else { continue }
      let answers = [pair.positiveID] + pair.otherPositiveIDs
      judgements[pair.queryID] = Dictionary(answers.map { ($0, 1) }, uniquingKeysWith: { a, _ in a })
      texts.append(.init(id: pair.queryID, text: pair.query))
      ids.formUnion(answers)
    }
    for number in RandomStream(seed: seed, stream: 1).permutation(of: passageCount) {
      guard ids.count < passages ?? .max else { break }
      ids.insert(try passageID(at: number))
    }
    return try DevelopmentSet(
      queries: texts, passageIDs: ids.sorted(), passages: self,
      qrels: Qrels(judgements: judgements), deciding: deciding)
  }
}

extension RandomStream {
  /// The numbers below `count` in an order of chance (Fisher and Yates).
  fileprivate func permutation(of count: Int) -> [Int] {
    var random = self
    var order = Array(0..<count)
    for i in order.indices.dropLast() {
      order.swapAt(i, i + Int(random.uniform() * Double(count - i)))
    }
    return order
  }
}
