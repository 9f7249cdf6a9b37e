/// A question and the passage that answers it, by passage id.
public struct TrainingPair: Sendable, Equatable {
  /// The query's id.
  public var queryID: String
  /// The query's text.
  public var query: String
  /// The passage the query is trained towards.
  public var positiveID: String
  /// Further passages known to answer the query: never used as its negatives.
  public var otherPositiveIDs: [String]
  /// Passages to draw hard negatives from; known positives among them are passed over.
  public var negativeIDs: [String]

  /// A pair, with what is known of the query's other passages.
  public init(
    queryID: String, query: String, positiveID: String, otherPositiveIDs: [String] = [],
    negativeIDs: [String] = []
  ) {
    self.queryID = queryID
    self.query = query
    self.positiveID = positiveID
    self.otherPositiveIDs = otherPositiveIDs
    self.negativeIDs = negativeIDs
  }
}

/// Where the texts of passages come from.
public protocol PassageSource: Sendable {
  /// The text the encoder sees: the title, a space and the text where there is a title.
  ///
  /// - Throws: an error of the source's own that names an id it does not know.
  func text(ofPassage id: String) throws -> String
}
