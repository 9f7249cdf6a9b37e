import Foundation
import TestSupport
import Testing

@testable import Freshet

/// The parser that knows where values stand.
@Suite struct TrainingDataJSONTests {
  private func parse(_ text: String) throws -> JSONNode { try JSONParser.parse(Array(text.utf8)) }

  /// The value in Foundation's types.
  private func value(_ node: JSONNode) -> NSObject {
    switch node.value {
    case .null: NSNull()
    case .bool(let flag): NSNumber(value: flag)
    case .number(let text): NSNumber(value: Double(text) ?? .nan)
    case .string(let text): NSString(string: text)
    case .array(let elements): NSArray(array: elements.map(value))
    case .object(let members):
      NSDictionary(
        dictionary: Dictionary(members.map { ($0.key, value($0.value)) }) { _, last in last })
    }
  }

  @Test(arguments: [
    "{}", "[]", " [ ] ", "{ }", "0", "-0", "12.50e+3", "1E5", "-3.5e-2", "true", "false", "null",
    "\"\"", #"{"a":1,"b":[true,false,null,{"c":[[]]}],"":"x"}"#, "[1 , 2\n,\t3\r]",
    #""a\"\\\/\b\f\n\r\t\u00e9\u4E2D\ud83d\ude00z""#, "\"日本語 🐟\"", #"["\u0000"]"#,
    String(repeating: "[", count: 60) + String(repeating: "]", count: 60),
  ])
  func valuesAreThoseOfFoundation(text: String) throws {
    let expected = try JSONSerialization.jsonObject(
      with: Data(text.utf8), options: [.fragmentsAllowed])
    #expect(value(try parse(text)).isEqual(expected), "\(text)")
  }

  @Test(arguments: [
    "", " ", "{", "[", "[1", "[1,", "[1,]", "[,1]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}",
    "{1:2}", "\"", "\"a", "\"\\\"", "\"\\x\"", "\"\\u12\"", "\"\\u12G4\"", "\"\\u+123\"",
    "\"\\ud800\"", "\"\\udc00\"", "\"\\ud83d\\u0041\"", "\"\\ud83dx\"", "\"\t\"", "\"a\nb\"", "01",
    "1.", ".5", "+1", "-", "1e", "1e+", "0x1", "NaN", "Infinity", "tru", "nul", "True", "'a'", "1 2",
    "{} {}", "[1]]", "//", "\u{FEFF}{}", "[1;2]", "{\"a\" 1}", "\u{7F}",
    String(repeating: "[", count: 100_000), String(repeating: "{\"a\":", count: 100_000),
  ])
  func whatIsNotJSONIsRefused(text: String) {
    let problem = #expect(throws: RowProblem.self) { try parse(text) }
    #expect(problem?.words.hasPrefix("not valid JSON (") == true)
  }

  @Test(arguments: [[0x22, 0xFF, 0x22], [0x22, 0xC3, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22], [0xFF]])
  func bytesThatAreNotUTF8AreRefused(bytes: [UInt8]) {
    #expect(throws: RowProblem.self) { try JSONParser.parse(bytes) }
  }

  @Test func keysKeepTheirOrderAndValuesTheirPlace() throws {
    let text = #" {"z" : "ä\n" , "a":[ 1,"b" ],"m":null,"z2":{}} "#
    let node = try parse(text)
    #expect(node.keys == ["z", "a", "m", "z2"])
    #expect(node["m"] == nil && node["none"] == nil)
    func bytes(_ node: JSONNode?) -> String? {
      node.map { String(decoding: Array(text.utf8)[$0.range], as: UTF8.self) }
    }
    #expect(bytes(node) == text.trimmingCharacters(in: .whitespaces))
    #expect(bytes(node["z"]) == #""ä\n""#)
    #expect(bytes(node["a"]) == #"[ 1,"b" ]"#)
    #expect(try node["a"]?.list("a").map(bytes) == ["1", "\"b\""])
    #expect(bytes(node["z2"]) == "{}")
  }
}
