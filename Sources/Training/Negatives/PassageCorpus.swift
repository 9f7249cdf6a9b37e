/// Passages that can be counted and gone through: what negatives are sampled from.
public protocol PassageCorpus: PassageSource {
  /// Number of different passages.
  var passageCount: Int { get }

  /// A passage's id and text, by its place.
  ///
  /// - Throws: an error of the source's own that says what is wrong in which file.
  func passage(at index: Int) throws -> (id: String, text: String)

  /// The place of the passage with this id; nil when there is none.
  func passageIndex(of id: String) -> Int?
}
