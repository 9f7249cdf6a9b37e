import Reports

extension ReportWords {
  /// A value of a configuration.
  static func value(_ value: LoggedValue) -> String {
    switch value {
    case .none: "none"
    case .flag(let flag): flag ? "yes" : "no"
    case .integer(let integer): "\(integer)"
    case .number(let number): NumberUnit.short(number, digits: 6)
    case .text(let text): text
    case .list(let list): list.isEmpty ? "none" : list.map(Self.value).joined(separator: ", ")
    case .object(let members):
      members.sorted { $0.key < $1.key }.map { "\(words($0)) \(Self.value($1))" }
        .joined(separator: ", ")
    }
  }
}
