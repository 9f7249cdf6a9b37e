import Foundation

/// One table of results: the runs it needs, and how it is written.
struct Experiment: Sendable {
  /// What it is called on the command line.
  let name: String
  /// Cells by name, each a list of runs that differ in their seeds only.
  let cells: @Sendable (_ plan: ExperimentPlan) -> [NamedRuns]
  /// The section in Markdown, and the charts beside it, from the finished cells.
  let report: @Sendable (_ cells: FinishedCells, _ plan: ExperimentPlan) -> Section

  /// All there are, in the order they are run in.
  static let all = [
    batches, bankSizes, queryBank, pastEncoders, similarityMass, falseNegatives, normalisers, steps,
  ]
}

/// A cell before it is run.
struct NamedRuns {
  let name: String
  let runs: [ExperimentRun]
}

/// What an experiment has to say.
struct Section {
  /// Markdown, beginning with a heading.
  var text: String
  /// File names and SVG texts.
  var charts: [(name: String, svg: String)] = []
}

/// The finished cells of an experiment, by name.
struct FinishedCells {
  private let cells: [String: Cell]

  /// - Throws: `ExperimentError` when a run is not in the log.
  init(_ named: [NamedRuns], log: RunLog) throws {
    var cells: [String: Cell] = [:]
    for cell in named {
      cells[cell.name] = Cell(
        records: try cell.runs.map { run in
          guard let record = log[run] else {
            throw ExperimentError("cell \"\(cell.name)\", seed \(run.seed), is not finished")
          }
          return record
        })
    }
    self.cells = cells
  }

  /// Traps when the experiment has no such cell.
  subscript(name: String) -> Cell {
    guard let cell = cells[name] else { preconditionFailure("no cell is called \"\(name)\"") }
    return cell
  }
}
