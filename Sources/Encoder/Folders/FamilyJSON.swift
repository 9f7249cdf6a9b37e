/// A `config.json` asked for BERT's keys under the names its family gives them.
struct FamilyJSON {
  let object: JSONObject
  let family: TransformerFamily

  init(_ object: JSONObject, _ family: TransformerFamily) {
    (self.object, self.family) = (object, family)
  }

  /// A size that has no default.
  func size(_ bert: String) throws -> Int {
    guard let value = try integer(bert, minimum: 1) else {
      throw EncoderError(
        .invalidConfiguration, "\(object.file) has no \"\(family.key(bert) ?? bert)\"")
    }
    return value
  }

  func integer(_ bert: String, minimum: Int) throws -> Int? {
    try family.key(bert).flatMap { try object.integer($0, minimum: minimum) }
  }

  func string(_ bert: String) throws -> String? {
    try family.key(bert).flatMap { try object.string($0) }
  }

  /// A number in [0, 1).
  func fraction(_ bert: String) throws -> Float? {
    guard let key = family.key(bert), let value = try object.number(key) else { return nil }
    guard value >= 0, value < 1 else {
      throw object.wrong(key, .number(value), "a number from 0 to below 1")
    }
    return Float(value)
  }
}
