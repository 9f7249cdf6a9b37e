internal import Foundation

/// Training data that was read through once: where everything stands, and what identifies it.
struct TrainingContents: Sendable {
  let format: TrainingDataFormat
  /// The file whose rows hold the queries.
  let file: DataFile
  let pairs: PairTable
  let passages: PassageTable
  /// Mined negatives, by row; nil when the rows bring their own.
  let negatives: MinedNegatives?
  let digest: String
  /// What a person should know though it stops nothing.
  let notes: [String]

  /// Bytes held in memory for all pairs and passages.
  var heldBytes: Int {
    pairs.heldBytes + passages.heldBytes + (negatives?.heldBytes ?? 0)
  }

  /// The row of the file as it was read, read again.
  func row(_ row: Int) throws(FreshetError) -> TrainingRow {
    let range = pairs.bytes(ofRow: row)
    let bytes = try file.bytes(at: range.lowerBound, upTo: range.count)
    guard let node = try? JSONParser.parse(bytes),
      let row = try? TrainingRow(node, format: format)
    else { throw file.changed() }
    return row
  }
}
