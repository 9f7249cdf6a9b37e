/// A line of Freshet's negatives file.
func freshetLine(_ record: MinedRecord) -> String {
  NegativesRecord(
    queryID: record.queryID, query: record.query, positiveIDs: record.positives.map(\.id),
    negatives: record.negatives.map { passage, mined in
      NegativesRecord.Negative(
        id: passage.id, rank: mined.rank, score: mined.score, generation: record.generation,
        provenance: passage.provenance, source: mined.source, crossScore: mined.crossScore)
    }
  ).line
}
