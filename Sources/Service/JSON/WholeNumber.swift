/// An integer in a request.
///
/// Foundation's decoder calls a body with `1.5` where an integer is asked for "not valid JSON";
/// read as a `Double` first, the field at fault can be named.
struct WholeNumber: Decodable, Sendable, Equatable, ExpressibleByIntegerLiteral {
  let value: Int

  init(integerLiteral value: Int) {
    self.value = value
  }

  init(_ value: Int) {
    self.value = value
  }

  init(from decoder: any Decoder) throws {
    let number = try? decoder.singleValueContainer().decode(Double.self)
    guard let number, let value = Int(exactly: number) else {
      throw DecodingError.typeMismatch(
        WholeNumber.self,
        .init(codingPath: decoder.codingPath, debugDescription: "not an integer"))
    }
    self.value = value
  }
}
