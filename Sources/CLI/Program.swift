import ArgumentParser
import Foundation
import Freshet

/// The command `freshet`.
@main
struct Program: AsyncParsableCommand {
  static let version = "0.1.0"

  static let configuration = CommandConfiguration(
    commandName: "freshet",
    abstract: "Dense retrieval whose embeddings stay fresh.",
    discussion: """
      A collection is one folder: passages, and generations of their embeddings. The usual order:

        freshet add my.freshet corpus.jsonl
        freshet encode my.freshet --encoder all-MiniLM-L6-v2
        freshet search my.freshet "how do I find duplicate files"

      Exit status: 0 done, 1 failed, 2 wrong usage. `freshet help VERB` explains one verb.
      """,
    version: version,
    subcommands: [
      Add.self, Delete.self, Encode.self, Index.self, Search.self, Mine.self, Train.self,
      PlanMemory.self, NewEncoder.self, Refresh.self, RefreshVectors.self, Rollback.self,
      Compact.self, Export.self, Import.self, Status.self, Verify.self, Eval.self, Compare.self,
      Embed.self, Tokenize.self,
      Bench.self, BenchIndex.self, Serve.self,
    ])

  /// Parses, runs, and turns every error into one line and an exit status.
  static func main() async {
    // A file that may not grow is then an error like a full disk, not the end of the process.
    signal(SIGXFSZ, SIG_IGN)
    do {
      var command = try parseAsRoot()
      if var asynchronous = command as? any AsyncParsableCommand {
        try await asynchronous.run()
      } else {
        try command.run()
      }
      guard fflush(nil) == 0 else { throw OutputError(number: errno) }
    } catch {
      end(with: error)
    }
  }

  private static func end(with error: any Error) -> Never {
    switch exitCode(for: error) {
    case .success:  // --help and --version are thrown too
      print(message(for: error).isEmpty ? helpMessage() : fullMessage(for: error))
      Foundation.exit(0)
    case .validationFailure:
      Console.say(fullMessage(for: error))
      Foundation.exit(2)
    default:
      Console.endLine()
      if !(error is ExitCode) { Console.say("freshet: \(FreshetError.words(for: error))") }
      Foundation.exit(1)
    }
  }
}

/// What was printed did not reach where it was to go.
private struct OutputError: Error, CustomStringConvertible {
  let number: Int32
  var description: String {
    "cannot write to standard output: \(String(cString: strerror(number)))"
  }
}
