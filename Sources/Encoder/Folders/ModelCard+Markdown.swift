extension ModelCard {
  /// The text of `README.md`: the front matter that the Hugging Face Hub reads, then the facts.
  ///
  /// - Parameters:
  ///   - folder: the encoder's shape, pooling and prompts.
  ///   - queries: those of the queries' network, where they have one of their own; `folder` is then
  ///     about the passages'.
  ///   - fingerprint: the saved encoder's own.
  public func markdown(
    for folder: EncoderFolder, queries: EncoderFolder? = nil, fingerprint: String
  ) -> String {
    let description = description(of: folder, queries: queries ?? folder, fingerprint)
    let sections = [
      frontMatter, "# \(oneLine(title))", summary,
      section("Model", table(queries == nil ? description : description + [Self.twoNetworks])),
      section("Training data", table(data)), section("Method", method),
      section("Hyper-parameters", table(hyperparameters)), section("Metrics", table(metrics)),
      section("Usage", usage(folder)),
    ]
    return sections.filter { !$0.isEmpty }.joined(separator: "\n\n") + "\n"
  }

  private static let twoNetworks = Entry("Networks", "one for queries, one for passages")

  private var frontMatter: String {
    let all = ["sentence-transformers", "sentence-similarity", "feature-extraction", "dense"]
    var lines = ["---", "tags:"] + (all + tags).map { "- \(quoted($0))" }
    if let baseModel { lines.append("base_model: \(quoted(baseModel))") }
    lines += ["pipeline_tag: sentence-similarity", "library_name: sentence-transformers", "---"]
    return lines.joined(separator: "\n")
  }

  private func description(
    of folder: EncoderFolder, queries: EncoderFolder, _ fingerprint: String
  ) -> [Entry] {
    func both(_ fact: (EncoderFolder) -> String) -> String {
      let (query, passage) = (fact(queries), fact(folder))
      return query == passage ? passage : "\(query) (queries); \(passage) (passages)"
    }
    var facts = [
      Entry("Fingerprint", "`\(fingerprint)`"),
      Entry("Architecture", both { $0.configuration.family.className }),
      Entry("Dimensions", "\(folder.dimension)"),
      Entry("Longest text", both { "\($0.maximumLength) tokens" }),
      Entry("Pooling", both { $0.pooling.modes.map(\.rawValue).joined(separator: ", ") }),
      Entry("Unit length", both { $0.normalizes ? "yes" : "no" }),
    ]
    if let similarity = folder.similarityFunctionName {
      facts.append(Entry("Similarity", similarity))
    }
    if let baseModel { facts.append(Entry("Trained from", baseModel)) }
    if let baseFingerprint {
      facts.append(Entry("Its fingerprint", "`\(baseFingerprint)`"))
    }
    return facts
  }

  /// How the folder is used; embeddings that are cut are scaled again by an argument in Python.
  private func usage(_ folder: EncoderFolder) -> String {
    let again = folder.dimensions != nil && folder.normalizes
    let option = again ? ", normalize_embeddings=True" : ""
    return """
      ```python
      from sentence_transformers import SentenceTransformer

      model = SentenceTransformer("path/to/this/folder")
      queries = model.encode_query(["a question"]\(option))
      passages = model.encode_document(["a passage", "another one"]\(option))
      scores = model.similarity(queries, passages)
      ```

      ```sh
      freshet encode my.freshet --encoder path/to/this/folder
      freshet search my.freshet "a question"
      ```
      """
  }

  private func section(_ heading: String, _ body: String) -> String {
    body.isEmpty ? "" : "## \(heading)\n\n\(body)"
  }

  private func table(_ entries: [Entry]) -> String {
    guard !entries.isEmpty else { return "" }
    let rows = entries.map { "| \(cell($0.name)) | \(cell($0.value)) |" }
    return (["| | |", "|---|---|"] + rows).joined(separator: "\n")
  }

  private func cell(_ text: String) -> String {
    oneLine(text).replacing("|", with: "\\|")
  }

  private func oneLine(_ text: String) -> String {
    text.split(whereSeparator: \.isNewline).joined(separator: " ")
  }

  /// A YAML string in double quotes, unless it needs none.
  private func quoted(_ text: String) -> String {
    let plain = text.unicodeScalars.allSatisfy {
      $0.properties.isAlphabetic || ("0"..."9").contains($0) || "-_./".unicodeScalars.contains($0)
    }
    let isWord = text.unicodeScalars.first?.properties.isAlphabetic ?? false
    let keyword = ["true", "false", "null", "yes", "no", "on", "off"].contains(text.lowercased())
    guard !plain || !isWord || keyword else { return text }
    let escaped = oneLine(text).replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
    return "\"\(escaped)\""
  }
}
