import Foundation
import TestSupport
import Testing

@testable import Mining

private let datasets = TestSupport.python(with: "datasets, sentence_transformers")
private let flagEmbedding = TestSupport.python(
  with: "FlagEmbedding.abc.finetune.embedder.AbsDataset")
private let tevatron = TestSupport.python(with: "tevatron.datasets")

/// Each tool reads what was written for it, with its own reader.
@Suite("formats in Python") struct FormatPythonTests {
  /// Writes two records in a format and runs a script over the file; it must print "ok".
  private func check(
    _ python: String?, _ format: NegativesFormat, scores: Bool = false, name: String = "out.jsonl",
    _ script: String
  ) throws {
    let python = try #require(python)
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent(name)
      var other = sampleRecord
      other.queryID = "q2"
      other.query = "another?"
      _ = try writeMined(to: file, format: format, scores: scores, negatives: 2) {
        try $0([sampleRecord])
        try $0([other])
        if format != .dpr { try $0([recordWithoutNegatives]) }
      }
      let said = try runPython(
        python, "import sys, json\npath, cache = sys.argv[1:]\n" + script + "\nprint('ok')",
        [file.path, folder.appendingPathComponent("cache").path])
      #expect(said.hasSuffix("ok\n"), "\(format): \(said)")
    }
  }

  @Test(
    "sentence-transformers takes the columns by their order",
    .enabled(if: datasets != nil, "set FRESHET_PYTHON to one with datasets, sentence-transformers"),
    arguments: [
      (NegativesFormat.triplets, false, "anchor positive negative", 8),
      (.triplets, true, "anchor positive negative scores", 8),
      (.tuples, false, "anchor positive negative_1 negative_2", 4),
      (.tuples, true, "anchor positive negative_1 negative_2 scores", 4),
      (.labeledPairs, false, "anchor passage label", 9),
      (.labeledPairs, true, "anchor passage score", 9),
      (.labeledLists, false, "anchor passages labels", 2),
      (.labeledLists, true, "anchor passages scores", 2),
    ])
  func sentenceTransformers(
    format: NegativesFormat, scores: Bool, columns: String, rows: Int
  ) throws {
    try check(
      datasets, format, scores: scores,
      """
      from datasets import load_dataset
      data = load_dataset("json", data_files=path, split="train", cache_dir=cache)
      assert data.column_names == "\(columns)".split(), data.column_names
      assert len(data) == \(rows), len(data)
      assert data[0]["anchor"] == 'what "is" it?'
      kinds = {"labels": int, "scores": float, "passages": str}
      for name in data.column_names[1:]:
          value = data[0][name]
          if name in kinds:
              assert all(isinstance(x, kinds[name]) for x in value), (name, value)
          else:
              assert isinstance(value, {"label": int, "score": float}.get(name, str)), (name, value)
      """)
  }

  @Test(
    "FlagEmbedding's training set reads it",
    .enabled(if: flagEmbedding != nil, "set FRESHET_PYTHON to a Python with FlagEmbedding"),
    arguments: [false, true])
  func flagEmbeddingReads(scores: Bool) throws {
    try check(
      flagEmbedding, .flagEmbedding, scores: scores,
      """
      from types import SimpleNamespace
      from FlagEmbedding.abc.finetune.embedder.AbsDataset import AbsEmbedderTrainDataset
      data = AbsEmbedderTrainDataset(SimpleNamespace(
          shuffle_ratio=0, train_data=[path], cache_path=cache, max_example_num_per_dataset=100,
          knowledge_distillation=\(scores ? "True" : "False"), train_group_size=3,
          query_instruction_for_retrieval=None, passage_instruction_for_retrieval=None), None)
      assert len(data) == 2
      query, passages, teacher = data[1]
      assert query == "another?" and len(passages) == 3, (query, passages)
      assert passages[0] in ('A "title" plain', 'tab\\tquote" back\\\\slash /'), passages
      assert set(passages[1:]) == {"two\\nlines\\r\\u2028\\u0085", "naïve 中文 😀 \\0\\x1f"}, passages
      """)
  }

  @Test(
    "Tevatron's preprocessor reads it",
    .enabled(if: tevatron != nil, "set FRESHET_PYTHON to a Python with tevatron"))
  func tevatronReads() throws {
    try check(
      tevatron, .tevatron,
      """
      from datasets import load_dataset
      from tevatron.datasets.preprocessor import TrainPreProcessor
      class Tokenizer:
          def encode(self, text, **ignored): return text
      data = load_dataset("json", data_files=path, split="train", cache_dir=cache)
      assert len(data) == 2 and data[1]["query_id"] == "q2"
      row = TrainPreProcessor(Tokenizer())(data[0])
      assert row["query"] == 'what "is" it?'
      assert row["positives"][0] == 'A "title" plain', row
      assert row["negatives"] == [" two\\nlines\\r\\u2028\\u0085", " naïve 中文 😀 \\0\\x1f"], row
      """)
  }

  /// DPR is on no package index; this takes the fields as its `BiEncoderDataset` does.
  @Test(
    "DPR's fields are there",
    .enabled(if: TestSupport.python(with: "json") != nil, "set FRESHET_PYTHON to a Python"))
  func dprReads() throws {
    try check(
      TestSupport.python(with: "json"), .dpr, name: "out.json",
      """
      rows = [r for r in json.load(open(path)) if len(r["positive_ctxs"]) > 0]
      assert len(rows) == 2
      assert rows[0]["question"] == 'what "is" it?' and rows[0]["answers"] == ["42", 'é"é']
      for name, count in [("positive_ctxs", 2), ("negative_ctxs", 1), ("hard_negative_ctxs", 1)]:
          assert len(rows[0][name]) == count
          assert all(isinstance(c["text"], str) and "title" in c for c in rows[0][name])
      """)
  }
}
