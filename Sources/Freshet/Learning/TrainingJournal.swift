public import Foundation
public import Training

/// Where a run writes down how it goes, and the clock it reads for that.
public struct TrainingJournal: Sendable {
  /// Gets `train.jsonl`, TensorBoard's event files and `report.html`; made when missing.
  public var folder: URL
  /// One line for people, such as the names of encoder and data.
  public var title: String
  /// What clock and system say now.
  public var reading: @Sendable () -> MachineReading

  public init(folder: URL, title: String, reading: @escaping @Sendable () -> MachineReading) {
    self.folder = folder
    self.title = title
    self.reading = reading
  }
}
