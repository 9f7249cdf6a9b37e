import Encoder
import Tensors

/// Texts of one update as token ids, with the encoder and the dropout keys they are encoded under.
struct EncoderRows: DifferentiableRows {
  /// Token ids, special ones included.
  let tokens: [[Int32]]
  /// One key per text, or nil for no dropout. A text keeps its key in whatever company it is.
  var dropoutKeys: [UInt64]?
  /// Ids at the front of each text that the pooling leaves out.
  let promptLengths: [Int]
  let model: PackedModel

  /// - Parameter keys: one dropout key per text, or nil for no dropout.
  init(tokens: [[Int32]], promptLengths: [Int]? = nil, dropoutKeys: [UInt64]?, model: PackedModel) {
    self.tokens = tokens
    self.promptLengths = promptLengths ?? [Int](repeating: 0, count: tokens.count)
    self.dropoutKeys = dropoutKeys
    self.model = model
  }

  var costs: [Int] { tokens.map(\.count) }

  func encode(_ range: Range<Int>) -> (Matrix, PackedModel.Kept) {
    model.forwardKeeping(packed(range), dropout: dropout(range))
  }

  func represent(_ range: Range<Int>) -> Matrix {
    model.forwardDropping(packed(range), dropout: dropout(range))
  }

  private func packed(_ range: Range<Int>) -> PackedTokens {
    PackedTokens(tokens[range], promptLengths: Array(promptLengths[range]))
  }

  private func dropout(_ range: Range<Int>) -> Dropout? {
    // The rates are the encoder's own; the one given here is not used.
    dropoutKeys.map { Dropout(rate: 0, keys: Array($0[range])) }
  }

  func backward(_ gradient: Matrix, _ kept: PackedModel.Kept, into gradients: inout Parameters) {
    model.backward(gradient, kept, into: &gradients)
  }
}
