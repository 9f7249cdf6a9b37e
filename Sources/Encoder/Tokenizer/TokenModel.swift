/// The model of a pipeline: a piece of text to ids.
enum TokenModel: Sendable {
  case wordPiece(WordPieceModel)
  case bytePair(BytePairModel)
  case unigram(UnigramModel)

  /// Room that a model works in, kept from piece to piece.
  struct Workspace {
    fileprivate var nodes: [UnigramModel.Node] = []
  }

  /// Appends the ids of the piece `text[range]`, valid UTF-8.
  @inline(__always)
  func appendIDs(
    of text: [UInt8], _ range: Range<Int>, to ids: inout [Int32], using room: inout Workspace
  ) {
    switch self {
    case .wordPiece(let model): model.appendWord(text, range, to: &ids)
    case .bytePair(let model): model.appendIDs(of: text, range, to: &ids)
    case .unigram(let model): model.appendIDs(of: text, range, to: &ids, using: &room.nodes)
    }
  }
}
