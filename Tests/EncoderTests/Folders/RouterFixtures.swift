import Foundation
import Tensors
import TestSupport
import Testing

@testable import Encoder

/// What sentence-transformers answers with the folders of tools/fixtures/router_folders.py.
struct RouterAnswers: Decodable {
  struct Answer: Decodable {
    let query: [[Float]]
    let passage: [[Float]]

    func rows(as role: TextRole) -> [Float] { (role == .query ? query : passage).flatMap(\.self) }
  }
  let texts: [String]
  /// Of `router`, for the tokenizer "a tokenizer".
  let fingerprint: String
  let answers: [String: Answer]

  static func read() throws -> RouterAnswers {
    try JSONDecoder().decode(
      RouterAnswers.self, from: Data(contentsOf: FolderFixtures.url("router_answers.json")))
  }
}

extension URL {
  /// Changes the type of every module in the list of modules and in the Router's.
  func renameTypes(_ change: (String) -> String) throws {
    let list = appending(path: "modules.json")
    guard case .array(let modules) = try JSONObject.value(contentsOf: list) else { return }
    for (i, module) in modules.enumerated() {
      guard case .object(let fields) = module, case .string(let type)? = fields["type"] else {
        continue
      }
      try editModule(i, ["type": .string(change(type))])
    }
    let config = try JSONObject(contentsOf: appending(path: "router_config.json"))
    let types = try #require(try config.object("types")).fields.mapValues { value in
      if case .string(let type) = value { JSONValue.string(change(type)) } else { value }
    }
    try edit("router_config.json", ["types": .object(types)])
  }

  /// Changes the list of modules of a route.
  func editRoute(_ route: String, _ modules: [JSONValue]?) throws {
    let config = try JSONObject(contentsOf: appending(path: "router_config.json"))
    var structure = try #require(try config.object("structure")).fields
    structure[route] = modules.map { .array($0) }
    try edit("router_config.json", ["structure": .object(structure)])
  }

  /// Changes the type of one module of a Router.
  func editRouted(_ module: String, type: String?) throws {
    let config = try JSONObject(contentsOf: appending(path: "router_config.json"))
    var types = try #require(try config.object("types")).fields
    types[module] = type.map { .string($0) }
    try edit("router_config.json", ["types": .object(types)])
  }
}

extension Parameters {
  /// The same with every value of one slot scaled.
  func scaling(slot: Int, by factor: Float) -> Parameters {
    var result = self
    result.values[slot].scale(by: factor)
    return result
  }
}

extension Matrix {
  /// Whether the elements of both are the same memory.
  func sharesMemory(with other: Matrix) -> Bool {
    func address(_ matrix: Matrix) -> UInt {
      matrix.withSpan { $0.withUnsafeBytes { UInt(bitPattern: $0.baseAddress) } }
    }
    return address(self) == address(other)
  }
}
