/// What the clock and the operating system said at one moment of a run, as its caller read them.
public struct MachineReading: Sendable, Equatable {
  /// Seconds since 1970.
  public let time: Double
  /// Seconds since this session of the run began, from a clock that is never set back.
  public let seconds: Double
  /// Memory of the process that is resident, in bytes.
  public let residentBytes: Int

  public init(time: Double, seconds: Double, residentBytes: Int) {
    self.time = time
    self.seconds = seconds
    self.residentBytes = residentBytes
  }
}

/// The part of a line of the log that another run of the same training would not repeat.
struct LogClock: Sendable, Codable, Equatable {
  /// Seconds since 1970.
  let time: Double
  /// Seconds of training so far, those of earlier sessions included.
  let seconds: Double
  /// Memory of the process that was resident, in bytes.
  let memoryBytes: Int
  /// Tokens of the step per second since the step before; absent elsewhere.
  var tokensPerSecond: Double?
  /// What the step took, and of that what sampling negatives took; absent without any.
  var stepSeconds: StepSeconds?
}
