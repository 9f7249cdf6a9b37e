import Foundation

/// The Python given through FRESHET_PYTHON, when it has these modules; nil otherwise.
public func python(with modules: String) -> String? {
  guard let path = ProcessInfo.processInfo.environment["FRESHET_PYTHON"] else { return nil }
  let output = try? runPython(path, "import \(modules); print('ok')", [])
  return output?.hasPrefix("ok") == true ? path : nil
}

/// Runs a script and returns what it printed.
public func runPython(_ python: String, _ script: String, _ arguments: [String]) throws -> String {
  let process = Process()
  process.executableURL = URL(fileURLWithPath: python)
  process.arguments = ["-c", script] + arguments
  let pipe = Pipe()
  process.standardOutput = pipe
  try process.run()
  let output = pipe.fileHandleForReading.readDataToEndOfFile()
  process.waitUntilExit()
  return String(decoding: output, as: UTF8.self)
}
