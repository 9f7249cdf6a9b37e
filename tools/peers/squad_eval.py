#!/usr/bin/env python3
"""Exact-search figures of a BEIR folder with sentence-transformers, beside those of Freshet.

Encodes passages (title, space, text) and the queries of one split, searches exactly, and writes
recall@1/5/20/100, MRR@10 and nDCG@10 as JSON. With --freshet FILE (the output of
`freshet eval ... --exact --json`) both columns and their differences are printed, and the exit
status is 1 when any differs by more than --tolerance.

  squad_eval.py --data squad --model all-MiniLM-L6-v2 --work /tmp/squad --out st.json
  freshet eval squad.freshet --queries squad/queries.jsonl.gz --qrels squad/qrels/test.tsv \\
    --exact --json > freshet.json
  squad_eval.py --data squad --model all-MiniLM-L6-v2 --work /tmp/squad --freshet freshet.json
"""

import argparse
import json
import os
import sys
import time

import numpy as np

from beir import METRICS, evaluate, read_corpus, read_qrels, read_queries


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, help="folder in BEIR layout")
    parser.add_argument("--model", required=True, help="sentence-transformers folder")
    parser.add_argument("--split", default="test", help="qrels/SPLIT.tsv (default: test)")
    parser.add_argument("--work", required=True, help="folder that keeps the embeddings")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--out", help="write the figures here as JSON, too")
    parser.add_argument("--freshet", help="JSON of `freshet eval --exact --json`")
    parser.add_argument("--tolerance", type=float, default=0.001)
    return parser.parse_args()


def note(text):
    print(text, file=sys.stderr, flush=True)


class Encoder:
    """sentence-transformers, loaded only when something is left to encode."""

    def __init__(self, folder, threads, batch):
        self.folder, self.threads, self.batch, self.model = folder, threads, batch, None

    def load(self):
        os.environ["HF_HUB_OFFLINE"] = "1"
        import torch
        from sentence_transformers import SentenceTransformer

        torch.set_num_threads(self.threads)
        self.model = SentenceTransformer(self.folder, device="cpu")

    def encode(self, texts, path, block=2048):
        """Embeddings of the texts, kept in `path`; finished blocks survive an interruption."""
        if os.path.exists(path):
            return np.load(path)
        order = sorted(range(len(texts)), key=lambda i: -len(texts[i]))
        parts, started = [], time.time()
        for start in range(0, len(texts), block):
            part = f"{path}.{start}.part.npy"
            if not os.path.exists(part):
                if self.model is None:
                    self.load()
                rows = [texts[i] for i in order[start : start + block]]
                np.save(part, self.model.encode(
                    rows, batch_size=self.batch, normalize_embeddings=True,
                    show_progress_bar=False))
            parts.append(part)
            done = min(start + block, len(texts))
            note(f"{os.path.basename(path)}: {done} of {len(texts)}, {time.time() - started:.0f} s")
        vectors = np.concatenate([np.load(part) for part in parts]).astype(np.float32)
        out = np.empty_like(vectors)
        out[order] = vectors
        np.save(path, out)
        for part in parts:
            os.remove(part)
        return out


def compare(ours, freshet_file, tolerance):
    """Prints both columns; returns whether every difference is within the tolerance."""
    with open(freshet_file, encoding="utf-8") as file:
        theirs = json.load(file)
    agree = theirs["queries"] == ours["queries"]
    print(f"queries: {ours['queries']} here, {theirs['queries']} in {freshet_file}")
    print(f"{'metric':<12}{'Python':>10}{'Freshet':>10}{'difference':>12}")
    for name in METRICS:
        if name not in theirs["metrics"]:
            print(f"{name:<12}{ours['metrics'][name]:>10.5f}{'missing':>10}")
            agree = False
            continue
        python, freshet = ours["metrics"][name], theirs["metrics"][name]
        agree = agree and abs(freshet - python) <= tolerance
        print(f"{name:<12}{python:>10.5f}{freshet:>10.5f}{freshet - python:>+12.5f}")
    print(f"{'agree' if agree else 'DISAGREE'} within {tolerance}")
    return agree


def main():
    args = arguments()
    os.makedirs(args.work, exist_ok=True)
    qrels = read_qrels(args.data, args.split)
    passage_ids, passages = read_corpus(args.data)
    query_ids, queries = read_queries(args.data, qrels)
    encoder = Encoder(args.model, args.threads, args.batch)
    query_vectors = encoder.encode(queries, os.path.join(args.work, f"queries-{args.split}.npy"))
    passage_vectors = encoder.encode(passages, os.path.join(args.work, "passages.npy"))
    metrics, count = evaluate(query_vectors, passage_vectors, query_ids, passage_ids, qrels)
    result = {"queries": count, "passages": len(passages), "split": args.split, "metrics": metrics}
    print(json.dumps(result))
    if args.out:
        with open(args.out, "w", encoding="utf-8") as file:
            json.dump(result, file, indent=2)
    if args.freshet and not compare(result, args.freshet, args.tolerance):
        sys.exit(1)


if __name__ == "__main__":
    main()
