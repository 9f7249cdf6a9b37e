package import Tensors

/// Rows of numbers that can be cut and joined: representations, and their gradients.
package protocol RowStack {
  var rows: Int { get }
  subscript(rows range: Range<Int>) -> Self { get }
  static func concatenatingRows(_ parts: [Self]) -> Self
}

extension Matrix: RowStack {}

/// The items one tower encodes for an update, each a row: encoded in any parts, differentiated in
/// the same.
///
/// A row's representation depends on the row alone, dropout included: whatever it is encoded with,
/// and however often.
package protocol DifferentiableRows: Sendable {
  associatedtype Representation: RowStack
  associatedtype Kept
  associatedtype Gradients

  /// For each row what encoding it costs, in tokens.
  var costs: [Int] { get }

  /// Representations of some rows, and what differentiating them needs.
  func encode(_ range: Range<Int>) -> (Representation, Kept)

  /// Representations of some rows, the same to the last bit, with nothing kept.
  func represent(_ range: Range<Int>) -> Representation

  /// Adds the gradients of the tower's weights, given those of the representations.
  func backward(_ gradient: Representation, _ kept: Kept, into gradients: inout Gradients)
}

extension DifferentiableRows {
  package func represent(_ range: Range<Int>) -> Representation { encode(range).0 }
}

/// How the rows of a loss are encoded and their gradients accumulated.
package protocol RowEncoding: Sendable {
  /// Adds the gradient of a loss over all rows of all towers to `gradients`, one for each tower;
  /// the update stays with the caller.
  ///
  /// - Parameter loss: given each tower's representations, evaluates the loss and returns its
  ///   gradients of the same shapes; called once.
  func accumulate<Rows: DifferentiableRows>(
    _ towers: [Rows], into gradients: inout [Rows.Gradients],
    loss: ([Rows.Representation]) -> [Rows.Representation])
}
