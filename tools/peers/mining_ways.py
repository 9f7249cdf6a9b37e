"""One way of mining hard negatives from vectors that exist, run to its end; prints a line of JSON.

Ways: sentence-transformers' `mine_hard_negatives` with and without faiss, and the steps of
FlagEmbedding's `scripts/hn_mine.py`, which is in no package: written down here from what that
script does (a set of texts, IndexFlatIP, searches of 64, positives and the query's own text out, a random
sample, one JSON line a query). Started by mining.py.
"""

import argparse
import json
import random
import sys
import time

import numpy as np


def read(folder):
    """Queries, passages as one text each, and the rows of each query's positives."""
    def lines(name):
        with open(f"{folder}/{name}", encoding="utf-8") as file:
            return [json.loads(line) for line in file]
    queries, corpus = lines("queries.jsonl"), lines("corpus.jsonl")
    rows = {passage["_id"]: i for i, passage in enumerate(corpus)}
    positives = {}
    with open(f"{folder}/qrels.tsv", encoding="utf-8") as file:
        next(file)
        for line in file:
            query, passage, grade = line.split("\t")
            if int(grade) > 0:
                positives.setdefault(query, []).append(rows[passage])
    texts = [(p.get("title", "") + " " + p["text"]).strip() for p in corpus]
    return ([q["text"] for q in queries], texts, [positives[q["_id"]] for q in queries],
            np.load(f"{folder}/queries.npy"), np.load(f"{folder}/corpus.npy"))


class LookUp:
    """What mine_hard_negatives needs of a model; "encoding" a text finds its vector."""

    def __init__(self, texts, vectors):
        import torch
        from types import SimpleNamespace
        self.rows = {text: i for i, text in enumerate(texts)}
        self.vectors, self.device = vectors, torch.device("cpu")
        self.model_card_data = SimpleNamespace(base_model="look-up")

    def _encode(self, texts, **_):
        return self.vectors[[self.rows[text] for text in texts]]

    encode_query = encode_document = encode = _encode

    def get_embedding_dimension(self):
        return self.vectors.shape[1]

    get_sentence_embedding_dimension = get_embedding_dimension

    def similarity(self, a, b):
        from sentence_transformers.util import cos_sim
        return cos_sim(a, b)

    def similarity_pairwise(self, a, b):
        from sentence_transformers.util import pairwise_cos_sim
        return pairwise_cos_sim(a, b)


def sentence_transformers(data, options, use_faiss):
    from datasets import Dataset
    from sentence_transformers.util import mine_hard_negatives
    queries, texts, positives, query_vectors, vectors = data
    pairs = [(q, texts[row]) for q, rows in zip(queries, positives) for row in rows]
    dataset = Dataset.from_dict(
        {"anchor": [p[0] for p in pairs], "positive": [p[1] for p in pairs]})
    model = LookUp(queries + texts, np.concatenate([query_vectors, vectors]))
    start = time.perf_counter()
    mined = mine_hard_negatives(
        dataset, model, corpus=texts, num_negatives=options.negatives, range_max=options.depth,
        absolute_margin=options.margin, sampling_strategy="top", output_format="n-tuple",
        use_faiss=use_faiss, verbose=False)
    mined.to_json(options.out, force_ascii=False)
    return time.perf_counter() - start, len(mined)


def flag_embedding(data, options):
    import faiss
    queries, texts, positives, query_vectors, vectors = data
    start = time.perf_counter()
    corpus = list(dict.fromkeys(texts))
    rows = {text: i for i, text in enumerate(texts)}
    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(vectors[[rows[text] for text in corpus]])
    found = [index.search(query_vectors[i:i + 64], options.depth)[1]
             for i in range(0, len(queries), 64)]
    found = np.concatenate(found)
    random.seed(42)
    with open(options.out, "w", encoding="utf-8") as out:
        for i, query in enumerate(queries):
            own = [texts[row] for row in positives[i]]
            kept = [j for j in found[i] if j != -1 and corpus[j] not in own and corpus[j] != query]
            if len(kept) > options.negatives:
                kept = random.sample(kept, options.negatives)
            row = {"query": query, "pos": own, "neg": [corpus[j] for j in kept]}
            out.write(json.dumps(row, ensure_ascii=False) + "\n")
    return time.perf_counter() - start, len(queries)


def peak_kib():
    with open("/proc/self/status", encoding="ascii") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmHWM:"))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("way", choices=["torch", "faiss", "flag"])
    parser.add_argument("folder")
    parser.add_argument("--out", required=True)
    parser.add_argument("--negatives", type=int, default=5)
    parser.add_argument("--depth", type=int, default=50)
    parser.add_argument("--margin", type=float, default=0.02)
    options = parser.parse_args()
    data = read(options.folder)
    if options.way == "flag":
        seconds, rows = flag_embedding(data, options)
    else:
        seconds, rows = sentence_transformers(data, options, options.way == "faiss")
    print(json.dumps({"seconds": seconds, "rows": rows, "peak_kib": peak_kib()}))


if __name__ == "__main__":
    sys.exit(main())
