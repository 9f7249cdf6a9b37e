internal import CKernels

/// The compiled loops under the matrices, which exist once per instruction level of the processor.
public enum Kernels {
  /// The level this process runs: "avx512", "avx2" or "portable".
  ///
  /// The best one the machine has, unless the environment variable `FRESHET_CPU` asked for less.
  public static var level: String { InstructionLevel.current.name }
}

/// One of the instruction levels.
struct InstructionLevel: Sendable, Equatable {
  let raw: ck_level

  /// The one this process runs.
  static var current: InstructionLevel { InstructionLevel(raw: ck_current_level()) }

  /// All that this machine can run, the portable one first.
  static var available: [InstructionLevel] {
    (0...ck_best_level().rawValue).map { InstructionLevel(raw: ck_level(rawValue: $0)) }
  }

  var name: String { unsafe String(cString: ck_level_name(raw)) }

  static func == (left: InstructionLevel, right: InstructionLevel) -> Bool {
    left.raw.rawValue == right.raw.rawValue
  }
}
