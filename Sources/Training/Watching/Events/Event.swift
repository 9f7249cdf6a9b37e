/// An event of TensorBoard, as much of it as scalars need.
///
/// Fields by the definitions of TensorFlow: `Event` in `core/util/event.proto`, `Summary` in
/// `core/framework/summary.proto`.
enum Event {
  /// The first of a file.
  case fileVersion
  /// That a session begins which does the step next: what an earlier one wrote of it and of later
  /// ones is forgotten. The first session has one, too: one of TensorBoard's two readers takes the
  /// first it meets for a beginning, and only those after it for a restart.
  case sessionStart
  /// Numbers by tag. TensorBoard shows tags of one prefix up to "/" together.
  case scalars([(tag: String, value: Float)])

  /// The event's message.
  ///
  /// - Parameters:
  ///   - step: the step it belongs to.
  ///   - time: seconds since 1970.
  func message(step: Int, time: Double) -> ProtobufMessage {
    var message = ProtobufMessage()
    message.add(1, time)
    message.add(2, step)
    switch self {
    case .fileVersion: message.add(3, "brain.Event:2")
    case .scalars(let scalars): message.add(5, Self.summary(scalars))
    case .sessionStart: message.add(7, Self.start)
    }
    return message
  }

  private static func summary(_ scalars: [(tag: String, value: Float)]) -> ProtobufMessage {
    var summary = ProtobufMessage()
    for scalar in scalars {
      var value = ProtobufMessage()
      value.add(1, scalar.tag)
      value.add(2, scalar.value)
      summary.add(1, value)
    }
    return summary
  }

  /// A `SessionLog` whose status is `START`.
  private static var start: ProtobufMessage {
    var log = ProtobufMessage()
    log.add(1, 1)
    return log
  }
}
