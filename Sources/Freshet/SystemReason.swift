internal import Foundation

extension FreshetError {
  /// One line for any error: ours as they are; the system's as file and reason, without the dump
  /// that Foundation makes of them.
  public static func words(for error: any Error) -> String {
    let system = error as NSError
    guard [NSCocoaErrorDomain, NSPOSIXErrorDomain].contains(system.domain) else {
      return "\(error)".replacingOccurrences(of: "\n", with: " ")
    }
    let file = system.userInfo[NSFilePathErrorKey] as? String
    return (file.map { "\($0): " } ?? "") + reason(system)
  }

  private static func reason(_ error: NSError) -> String {
    if error.domain == NSPOSIXErrorDomain {
      return String(cString: strerror(Int32(truncatingIfNeeded: error.code)))
    }
    if let cause = error.userInfo[NSUnderlyingErrorKey] as? any Error {
      return reason(cause as NSError)
    }
    return error.localizedDescription.replacingOccurrences(of: "\n", with: " ")
  }
}
