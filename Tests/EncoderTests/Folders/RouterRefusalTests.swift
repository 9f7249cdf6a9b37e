import Foundation
import TestSupport
import Testing

@testable import Encoder

@Suite("folders with a Router that are refused")
struct RouterRefusalTests {
  static let file = "router_config.json"
  static let modules = "sentence_transformers.sentence_transformer.modules"

  static let cases: [Refusal] = [
    Refusal("no route for documents", of: "router", .unsupported, file,
      "no route \"document\", which passages go through; its routes are \"passage\", \"query\"") {
      try $0.editRoute("passage", ["document_0_Transformer", "document_1_Pooling"])
      try $0.editRoute("document", nil)
    },
    Refusal("no route for queries", of: "router", .unsupported, "no route \"query\"") {
      try $0.editRoute("query", nil)
    },
    Refusal("no structure", of: "router", .unsupported, "its routes are none") {
      try $0.edit(file, ["structure": nil])
    },
    Refusal("a static embedding", of: "router", .unsupported, file,
      "module \"query_0_Transformer\" has type \(modules).static_embedding.StaticEmbedding, which "
        + "Freshet does not know") {
      try $0.editRouted(
        "query_0_Transformer", type: "\(modules).static_embedding.StaticEmbedding")
    },
    Refusal("a module without type", of: "router", .invalidConfiguration, file,
      "\"document_1_Pooling\"", "has no type") {
      try $0.editRouted("document_1_Pooling", type: nil)
    },
    Refusal("an empty route", of: "router", .unsupported, "route \"query\", lists Normalize;") {
      try $0.editRoute("query", [])
    },
    Refusal("no pooling", of: "router", .unsupported,
      "route \"document\", lists Transformer, Normalize;") {
      try $0.editRoute("document", ["document_0_Transformer"])
    },
    Refusal("a route that is a name", of: "router", .invalidConfiguration, "\"structure\"",
      "a list of strings is needed") {
      try $0.edit(file, ["structure": .object(["query": "query_0_Transformer"])])
    },
    Refusal("a route of numbers", of: "router", .invalidConfiguration, "a list of strings") {
      try $0.editRoute("document", [.integer(0)])
    },
    Refusal("a path out of the folder", of: "router", .invalidConfiguration, "../x", "leads out") {
      try $0.editRouted(
        "../x", type: "sentence_transformers.base.modules.transformer.Transformer")
      try $0.editRoute("document", ["../x", "document_1_Pooling"])
    },
    Refusal("routes by modality", of: "router", .unsupported, "\"route_mappings\"") {
      try $0.edit(file, [
        "parameters": .object(["route_mappings": .object(["('query', None)": "document"])])
      ])
    },
    Refusal("no file", of: "router", .missingFile, file) { try $0.remove(file) },
    Refusal("broken JSON", of: "router", .damagedFile, "\(file) is not valid JSON") {
      try $0.replace(file, by: "{")
    },
    Refusal("a Router that is not in front", of: "router", .unsupported,
      "modules.json lists Normalize, Router;") { model in
      let (router, normalize) = (try model.module(0), try model.module(1))
      try model.editModule(0, normalize)
      try model.editModule(1, router)
    },
    Refusal("no weights of the queries' network", of: "router", .missingFile,
      "query_0_Transformer/model.safetensors") {
      try $0.remove("query_0_Transformer/model.safetensors")
    },
    Refusal("no tensor of the queries' Dense", of: "router", .missingTensor,
      "query_2_Dense/model.safetensors", "linear.weight") {
      let file = $0.appending(path: "query_2_Dense/model.safetensors").path
      try SafetensorsFile.write([], metadata: [:], to: file)
    },
    Refusal("dimensions that differ", of: "router", .invalidConfiguration, "queries get 12",
      "query_0_Transformer/model.safetensors", "passages 10", "must be as many") {
      try $0.editRoute("query", ["query_0_Transformer", "query_1_Pooling"])
    },
  ]

  @Test(arguments: cases)
  func refused(_ refusal: Refusal) throws {
    let scratch = try TemporaryFolder()
    let model = try scratch.copy(of: refusal.fixture)
    _ = try TextEncoder(folder: model)
    try refusal.change(model)
    let error = try encoderError(refusal.code) { _ = try TextEncoder(folder: model) }
    for fragment in refusal.fragments {
      #expect(error.message.contains(fragment), "\(error.message)")
    }
  }

  @Test("routes that no text takes are passed over")
  func otherRoutes() throws {
    let scratch = try TemporaryFolder()
    let model = try scratch.copy(of: "router")
    try model.editRoute("image", ["image_0_Vision"])
    try model.editRouted("image_0_Vision", type: "somewhere.Vision")
    #expect(
      try TextEncoder(folder: model).fingerprint
        == TextEncoder(folder: FolderFixtures.url("router")).fingerprint)
  }
}

extension URL {
  /// The fields of one module in modules.json.
  fileprivate func module(_ number: Int) throws -> [String: JSONValue] {
    guard
      case .array(let modules) = try JSONObject.value(contentsOf: appending(path: "modules.json")),
      case .object(let fields) = modules[number]
    else { throw EncoderError(.invalidConfiguration, "not a list of modules") }
    return fields
  }
}
