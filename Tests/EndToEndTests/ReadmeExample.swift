// README-BEGIN
import Foundation
import Freshet

func story(model: URL, data: URL, work: URL) throws {
  let collection = try PassageCollection.create(work.appending(path: "my.freshet"))
  try collection.add(contentsOf: data.appending(path: "corpus.jsonl").path)
  let encoderA = try TextEncoder(folder: model)
  try collection.encode(with: encoderA)
  for hit in try collection.search("how do I find duplicate files", k: 3).hits {
    print(hit.score, hit.id, hit.text)
  }

  let judged = try JudgedQueries(
    queries: data.appending(path: "queries.jsonl").path,
    qrels: data.appending(path: "qrels/train.tsv").path)
  print(try collection.evaluate(judged).report.metricsByName)

  let negatives = work.appending(path: "negatives.jsonl")
  try collection.mine(judged, to: negatives)
  try encoderA.trained(
    on: TrainingData(folder: data.path, negatives: negatives.path),
    configuration: TrainingConfiguration(steps: 100), savingTo: work.appending(path: "encoder-b"))

  let encoderB = try TextEncoder(folder: work.appending(path: "encoder-b"))
  print(try collection.planRefresh(to: encoderB).ways)  // changes nothing
  try collection.refresh(to: encoderB)  // new vectors for all, few texts encoded
  try collection.rollback()  // and back, exactly
}
// README-END
