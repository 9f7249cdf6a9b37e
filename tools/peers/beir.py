"""Reading of BEIR folders, and the retrieval figures computed from embeddings by exact search.

Shared by the programs beside it. The rules are those of `freshet eval`: linear gain, a judgement
of 1 or more is relevant, a passage with the query's own id is left out, and equal scores are
ordered by descending passage id (as trec_eval does).
"""

import gzip
import json
import os

import numpy as np

DEPTH = 100
METRICS = ("recall@1", "recall@5", "recall@20", "recall@100", "mrr@10", "ndcg@10")


def open_text(folder, name):
    """Opens `name` or `name.gz` of the folder as UTF-8 text."""
    path = os.path.join(folder, name)
    if os.path.exists(path):
        return open(path, encoding="utf-8")
    if os.path.exists(path + ".gz"):
        return gzip.open(path + ".gz", "rt", encoding="utf-8")
    raise SystemExit(f"{path}: no such file (nor .gz); give a folder in BEIR layout")


def read_corpus(folder):
    """Returns (ids, texts); a text is title, space, text, as BEIR encodes passages."""
    ids, texts = [], []
    with open_text(folder, "corpus.jsonl") as lines:
        for line in lines:
            row = json.loads(line)
            ids.append(row["_id"])
            texts.append((row.get("title", "") + " " + row["text"]).strip())
    return ids, texts


def read_queries(folder, wanted):
    """Returns (ids, texts) of the queries whose id is in `wanted`, in file order."""
    with open_text(folder, "queries.jsonl") as lines:
        rows = [row for row in map(json.loads, lines) if row["_id"] in wanted]
    return [row["_id"] for row in rows], [row["text"] for row in rows]


def read_qrels(folder, split):
    """Returns {query id: {passage id: grade}} of one split."""
    qrels = {}
    with open_text(folder, f"qrels/{split}.tsv") as lines:
        next(lines)
        for line in lines:
            query, passage, grade = line.rstrip("\n").split("\t")
            qrels.setdefault(query, {})[passage] = int(grade)
    return qrels


def query_metrics(ranking, judgements):
    """Figures of one query: `ranking` is passage ids best first, `judgements` {id: grade}."""
    gains = [max(judgements.get(passage, 0), 0) for passage in ranking]
    ideal = sorted((grade for grade in judgements.values() if grade > 0), reverse=True)
    relevant = len(ideal)
    discount = 1 / np.log2(np.arange(2, 12))
    hits = [gain > 0 for gain in gains]
    out = {f"recall@{k}": sum(hits[:k]) / relevant for k in (1, 5, 20, 100)}
    out["mrr@10"] = next((1 / (i + 1) for i, hit in enumerate(hits[:10]) if hit), 0.0)
    best = float(np.dot(ideal[:10], discount[: min(10, relevant)]))
    out["ndcg@10"] = float(np.dot(gains[:10], discount[: len(gains[:10])])) / best
    return out


def exact_rankings(query_vectors, passage_vectors, query_ids, passage_ids, block=256):
    """Yields (query id, passage ids best first) by inner product, at most `DEPTH` each."""
    # Ties are cut by descending id: with passages in that order a stable sort does it.
    order = sorted(range(len(passage_ids)), key=passage_ids.__getitem__, reverse=True)
    sorted_ids = [passage_ids[i] for i in order]
    passages = passage_vectors[order]
    spare = min(len(passage_ids), 2 * DEPTH)
    for start in range(0, len(query_ids), block):
        scores = query_vectors[start : start + block] @ passages.T
        top = np.sort(np.argpartition(-scores, spare - 1, axis=1)[:, :spare], axis=1)
        for i, row in enumerate(top):
            ranked = row[np.argsort(-scores[i, row], kind="stable")]
            query = query_ids[start + i]
            ids = [sorted_ids[j] for j in ranked if sorted_ids[j] != query]
            yield query, ids[:DEPTH]


def evaluate(query_vectors, passage_vectors, query_ids, passage_ids, qrels):
    """Means of the figures over the queries that have a relevant passage."""
    totals, count = dict.fromkeys(METRICS, 0.0), 0
    rankings = exact_rankings(query_vectors, passage_vectors, query_ids, passage_ids)
    for query, ranking in rankings:
        if not any(grade > 0 for grade in qrels[query].values()):
            continue
        count += 1
        for name, value in query_metrics(ranking, qrels[query]).items():
            totals[name] += value
    return {name: value / max(count, 1) for name, value in totals.items()}, count
