/// A FAISS recipe, understood: what holds the vectors, and what leads to them.
struct RecipeShape: Sendable, Equatable {
  enum Storage: Sendable, Equatable {
    /// float32, unchanged.
    case full
    /// A scalar quantizer by its FAISS name: SQ4, SQ6, SQ8, SQfp16.
    case scalar(String)
    /// A product quantizer of `parts` sub-vectors with `bits` bits each.
    case product(parts: Int, bits: Int)
    /// Whatever a foreign recipe makes of them.
    case foreign
  }
  enum Access: Sendable, Equatable {
    /// Every vector is compared.
    case scan
    /// A navigable graph with `links` links per node (twice that on the lowest level).
    case graph(links: Int)
    /// `count` inverted lists by k-means.
    case lists(count: Int)
    /// A recipe that is passed through to FAISS: transforms, refinement, fast scan and so on.
    case foreign(recipe: String)
  }

  let storage: Storage
  let access: Access

  init(storage: Storage, access: Access) {
    (self.storage, self.access) = (storage, access)
  }

  static let scalarQuantizers: Set<String> = ["SQ4", "SQ6", "SQ8", "SQfp16"]
}

extension RecipeShape {
  /// Reads a factory string. What is not of the kinds known here is FAISS's to judge.
  init(parsing text: String) throws(IndexError) {
    do {
      try self.init(known: text)
    } catch {
      // What is known and out of range stays refused: FAISS might not survive it.
      guard error == RecipeShape.refusal(text), RecipeShape.mayBeForeign(text) else { throw error }
      self.init(storage: .foreign, access: .foreign(recipe: text))
    }
  }

  /// Whether FAISS may see it: numbers that it could take the process down with are kept from it, and
  /// ids other than rows.
  private static func mayBeForeign(_ text: String) -> Bool {
    guard !text.isEmpty, !text.contains("IDMap"), text.utf8.allSatisfy(isRecipeByte) else {
      return false
    }
    let numbers = text.split { !$0.isNumber }
    return numbers.allSatisfy { $0.count <= 7 && (1...1_048_576).contains(Int($0) ?? 0) }
  }

  private static func isRecipeByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "a")...UInt8(ascii: "z"):
      true
    default: "_,()+".utf8.contains(byte)
    }
  }

  private init(known text: String) throws(IndexError) {
    let parts = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    let head = parts[0]
    if let links = RecipeShape.number(in: head, after: "HNSW", whenBare: 32) {
      try RecipeShape.check(links, in: 2...512, "links per node", text)
      try self.init(access: .graph(links: links), rest: parts.dropFirst(), of: text)
    } else if let lists = RecipeShape.number(in: head, after: "IVF") {
      try RecipeShape.check(lists, in: 1...1_048_576, "lists", text)
      guard parts.count == 2 else { throw RecipeShape.refusal(text) }
      try self.init(access: .lists(count: lists), rest: parts.dropFirst(), of: text)
    } else {
      guard parts.count == 1 else { throw RecipeShape.refusal(text) }
      try self.init(access: .scan, rest: parts[...], of: text)
    }
  }

  private init(access: Access, rest: ArraySlice<String>, of text: String) throws(IndexError) {
    guard rest.count <= 1 else { throw RecipeShape.refusal(text) }
    self.access = access
    let code = rest.first ?? "Flat"
    if code == "Flat" {
      storage = .full
    } else if RecipeShape.scalarQuantizers.contains(code) {
      storage = .scalar(code)
    } else {
      storage = try RecipeShape.productQuantizer(code, of: text)
      if case .graph = access {
        throw IndexError(
          .unsupportedRecipe,
          "recipe '\(text)': FAISS \(FaissIndex.faissVersion) has HNSW over PQ for L2 only; "
            + "use HNSW32,SQ8")
      }
    }
  }

  private static func productQuantizer(
    _ code: String, of text: String
  ) throws(IndexError) -> Storage {
    let fields = code.split(separator: "x", omittingEmptySubsequences: false).map(String.init)
    guard fields.count <= 2, let parts = number(in: fields[0], after: "PQ") else {
      throw refusal(text)
    }
    guard let bits = fields.count == 1 ? 8 : number(in: fields[1], after: "") else {
      throw refusal(text)
    }
    try check(parts, in: 1...4096, "sub-vectors", text)
    try check(bits, in: 4...8, "bits per sub-vector", text)
    return .product(parts: parts, bits: bits)
  }

  /// The decimal number that follows `prefix` and fills the rest of `text`.
  private static func number(
    in text: String, after prefix: String, whenBare bare: Int? = nil
  ) -> Int? {
    guard text.hasPrefix(prefix) else { return nil }
    let digits = text.dropFirst(prefix.count)
    if digits.isEmpty { return bare }
    guard digits.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
    return Int(digits)
  }

  private static func check(
    _ value: Int, in range: ClosedRange<Int>, _ what: String, _ text: String
  ) throws(IndexError) {
    guard !range.contains(value) else { return }
    throw IndexError(
      .unsupportedRecipe,
      "recipe '\(text)': \(value) \(what), allowed are \(range.lowerBound) to \(range.upperBound)")
  }

  private static func refusal(_ text: String) -> IndexError {
    IndexError(
      .unsupportedRecipe,
      "recipe '\(text)' is not served; use auto, Flat, SQ8, PQ16, HNSW32, HNSW32,SQ8, IVF256,Flat, "
        + "IVF256,SQ8 or IVF256,PQ16 with numbers of your choice, or another string of "
        + "FAISS's factory, such as OPQ16,IVF256,PQ16 or IVF256,PQ32x4fs,RFlat (no id maps)")
  }
}

extension RecipeShape {
  /// The recipe in its shortest FAISS spelling.
  var factoryString: String {
    switch access {
    case .scan: storageString
    case .foreign(let recipe): recipe
    case .graph(let links): storage == .full ? "HNSW\(links)" : "HNSW\(links),\(storageString)"
    case .lists(let count): "IVF\(count),\(storageString)"
    }
  }

  private var storageString: String {
    switch storage {
    case .full: "Flat"
    case .scalar(let name): name
    case .product(let parts, let bits): bits == 8 ? "PQ\(parts)" : "PQ\(parts)x\(bits)"
    case .foreign: ""
    }
  }

  /// Whether scores are those of the very vectors that were added.
  var scoresExactly: Bool { storage == .full }

  /// The fewest vectors that training needs, and what for.
  var trainingNeed: (vectors: Int, purpose: String) {
    var need = (vectors: 0, purpose: "")
    if case .scalar(let name) = storage { need = (1, "the ranges of \(name)") }
    if case .product(_, let bits) = storage { need = (1 << bits, "\(1 << bits) centroids of PQ") }
    if case .lists(let count) = access, count > need.vectors { need = (count, "\(count) lists") }
    return need
  }

  /// Checks that vectors of this size can be indexed, before FAISS is asked.
  func validate(count: Int, dimension: Int) throws(IndexError) {
    guard (1...65_536).contains(dimension) else {
      throw IndexError(
        .invalidArgument, "vectors have \(dimension) dimensions, 1 to 65536 can be indexed")
    }
    guard count <= Int(Int32.max) else {
      throw IndexError(.invalidArgument, "\(count) vectors; at most \(Int32.max) can be indexed")
    }
    if case .product(let parts, _) = storage, dimension % parts != 0 {
      throw IndexError(
        .invalidArgument,
        "recipe '\(factoryString)': \(dimension) dimensions cannot be cut into \(parts) equal "
          + "sub-vectors; choose a divisor of \(dimension)")
    }
    let need = trainingNeed
    guard count >= need.vectors else {
      throw IndexError(
        .untrained,
        "recipe '\(factoryString)' needs at least \(need.vectors) vectors (for \(need.purpose)), "
          + "there are \(count); use Flat or HNSW32")
    }
  }
}
