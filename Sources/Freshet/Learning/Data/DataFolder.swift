internal import Foundation

/// Where the files of a folder are.
enum DataFolder {
  /// The file of this name, or the same compressed.
  ///
  /// - Throws: `FreshetError.badInput` when there is neither.
  static func file(_ name: String, in folder: String) throws(FreshetError) -> String {
    guard let found = find(name, in: folder) else {
      throw FreshetError(.badInput, "\(folder)/\(name): no such file (nor \(name).gz)")
    }
    return found
  }

  /// The same, nil when there is neither.
  static func find(_ name: String, in folder: String) -> String? {
    ["\(folder)/\(name)", "\(folder)/\(name).gz"].first {
      FileManager.default.fileExists(atPath: $0)
    }
  }

  static func isFolder(_ path: String) -> Bool {
    var isFolder: ObjCBool = false
    let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
    return exists && isFolder.boolValue
  }
}
