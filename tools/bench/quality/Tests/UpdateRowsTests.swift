import Tensors
import TestSupport
import Testing
import Training

@testable import training_experiments

@Suite struct UpdateRowsTests {
  /// A loss whose gradient by the embeddings is known: ½|E − target|².
  private static func gradient(
    _ range: Range<Int>, chunk: Int?, embeddings: Matrix, target: Matrix
  ) -> Matrix {
    let rows = UpdateRows(embeddings: embeddings, range: range)
    var gradients = [Matrix(rows: embeddings.rows, columns: embeddings.columns)]
    func loss(_ found: [Matrix]) -> [Matrix] {
      var difference = found[0]
      difference.add(target[rows: range], scaledBy: -1)
      return [difference]
    }
    if let chunk {
      GradCache(chunkRows: chunk).accumulate([rows], into: &gradients, loss: loss)
    } else {
      WholeBatch().accumulate([rows], into: &gradients, loss: loss)
    }
    return gradients[0]
  }

  @Test("Rows of an update get their own gradients, whole or in chunks", arguments: [nil, 1, 3, 8])
  func gradients(chunk: Int?) {
    let embeddings = Matrix.normal(11, 4, seed: 1)
    let target = Matrix.normal(11, 4, seed: 2)
    let found = Self.gradient(2..<9, chunk: chunk, embeddings: embeddings, target: target)
    var expected = Matrix(rows: 11, columns: 4)
    var difference = embeddings[rows: 2..<9]
    difference.add(target[rows: 2..<9], scaledBy: -1)
    expected.setRows(startingAt: 2, to: difference)
    #expect(found == expected)
  }
}
