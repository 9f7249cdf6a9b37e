import Foundation
import Freshet
import TestSupport
import Testing

/// A Python that has numpy, given through FRESHET_PYTHON.
private let python = TestSupport.python(with: "numpy")

/// Files go from NumPy to us and back.
@Suite struct NumpyPythonTests {
  @Test(
    "what numpy saves is refreshed, and numpy reads it",
    .enabled(if: python != nil, "set FRESHET_PYTHON to a Python that has numpy"),
    arguments: ["<f2", "<f4", "<f8"])
  func roundTrip(kind: String) throws {
    let python = try #require(python)
    let folder = try TemporaryFolder()
    let make = """
      import sys, numpy
      kind, folder = sys.argv[1:]
      random = numpy.random.default_rng(3)
      stale = random.normal(size=(500, 12)).astype(kind)
      rotation = numpy.linalg.qr(random.normal(size=(12, 12)))[0]
      rows = random.permutation(500)[:120]
      numpy.save(folder + '/stale.npy', stale)
      numpy.save(folder + '/truth.npy', stale @ rotation)
      numpy.save(folder + '/fresh.npy', (stale[rows] @ rotation).astype(kind))
      numpy.savetxt(folder + '/rows.txt', rows, fmt='%d')
      numpy.save(folder + '/fortran.npy', numpy.asfortranarray(stale))
      """
    _ = try runPython(python, make, [kind, folder.url.path])
    let stale = try VectorFile(path: folder.path("stale.npy"))
    let sample = try VectorSample(
      list: folder.path("rows.txt"), fresh: folder.path("fresh.npy"), of: stale)
    try refreshVectors(
      stale, sample: sample, to: folder.path("out.npy"), errorsTo: folder.path("errors.npy"))
    let check = """
      import sys, numpy
      names = ['out', 'truth', 'errors']
      out, truth, errors = (numpy.load(f'{sys.argv[1]}/{name}.npy') for name in names)
      print(out.dtype, out.shape, errors.dtype, errors.shape, numpy.abs(out - truth).max())
      """
    let words = try runPython(python, check, [folder.url.path]).split(separator: "\n").joined()
    #expect(words.hasPrefix("float32 (500, 12) float32 (500,) "), "\(words)")
    let largest = try #require(words.split(separator: " ").last.flatMap { Double($0) })
    #expect(largest < (kind == "<f2" ? 1e-2 : 2e-5), "\(words)")
    let error = #expect(throws: FreshetError.self) {
      try VectorFile(path: folder.path("fortran.npy"))
    }
    #expect(error?.message.contains("Fortran") == true)
  }
}
