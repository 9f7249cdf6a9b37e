import Foundation
import TestSupport
import Tensors
import Testing
import VectorIndex

/// A Python that has faiss, given through FRESHET_PYTHON.
private let python = TestSupport.python(with: "faiss, numpy")

@Suite struct PythonTests {
  @Test(
    "Python's faiss reads our files and finds the same rows",
    .enabled(if: python != nil, "set FRESHET_PYTHON to a Python that has faiss-cpu and numpy"),
    arguments: ["Flat", "HNSW16", "IVF16,Flat", "IVF16,PQ8", "SQ8", "IVF8,SQ8", "HNSW8,SQ8", "PQ8"])
  func pythonReadsOurFiles(recipe: String) throws {
    let python = try #require(python)
    let folder = try TemporaryFolder()
    let vectors = clusteredVectors(1000)
    let queries = clusteredVectors(20, seed: 2)
    let index = try FaissIndex.build(.faiss(recipe), vectors: vectors, seed: 0)
    try index.save(to: folder.path("x.faiss"))
    try queries.elements.withUnsafeBytes { Data($0) }.write(
      to: folder.url.appendingPathComponent("q.f32"))
    let script = """
      import sys, faiss, numpy
      index = faiss.read_index(sys.argv[1])
      assert index.metric_type == faiss.METRIC_INNER_PRODUCT
      queries = numpy.fromfile(sys.argv[2], dtype='<f4').reshape(-1, index.d)
      if hasattr(index, 'nprobe'): index.nprobe = 16
      if hasattr(index, 'hnsw'): index.hnsw.efSearch = 64
      for row in index.search(queries, 5)[1]: print(*row)
      """
    let output = try runPython(python, script, [folder.path("x.faiss"), folder.path("q.f32")])
    let theirs = output.split(separator: "\n").map { line in
      Set(line.split(separator: " ").compactMap { Int($0) })
    }
    let ours = try index.search(queries, k: 5, parameters: .init(efSearch: 64, probes: 16))
    #expect(theirs.count == 20)
    // Compressed scores tie and round differently between FAISS versions: 98 of 100 must agree.
    let common = zip(theirs, ours).reduce(0) { $0 + $1.0.intersection($1.1.map(\.row)).count }
    #expect(common >= 98)
  }
}
