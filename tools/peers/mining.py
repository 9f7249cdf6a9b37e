#!/usr/bin/env python3
"""Mines hard negatives from the same vectors by Freshet, sentence-transformers and FlagEmbedding's
steps, each in a process of its own, and prints a Markdown table of time and peak memory.

`--folder` holds queries.npy, corpus.npy, queries.jsonl, corpus.jsonl and qrels.tsv; `--make` makes
it from a BEIR folder and matrices whose rows are those files' lines. All take the five best of the
first 50 answers with an absolute margin of 0.02 (FlagEmbedding samples five of the 50, it has no
margins) and write them out. Times are of the whole process, and for the Python programs also of the
mining and writing alone, without imports and reading; ratios are against the latter. Memory is
VmHWM.

`--synthetic N` instead measures Freshet alone on N random unit vectors of 384 numbers.

  tools/peers/mining.py --freshet .build/release/freshet --folder /tmp/mining \\
    --make ../shared/data/squad --queries queries.npy --corpus corpus.npy --limit 80000 --rounds 2
"""

import argparse
import gzip
import json
import os
import subprocess
import sys
import time

import numpy as np

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from processes import environment, last_words  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))


def open_text(path):
    return gzip.open(path + ".gz", "rt") if os.path.exists(path + ".gz") else open(path)


def make(options):
    """The folder, from the first questions that are judged in qrels/train.tsv, dev, and test."""
    os.makedirs(options.folder, exist_ok=True)
    qrels = {}
    for split in ("train", "dev", "test"):
        path = f"{options.make}/qrels/{split}.tsv"
        if os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                for line in list(file)[1:]:
                    qrels.setdefault(line.split("\t")[0], []).append(line)
    vectors = np.load(options.queries, mmap_mode="r")
    rows, written = [], 0
    with (open_text(f"{options.make}/queries.jsonl") as source,
          open(f"{options.folder}/queries.jsonl", "w", encoding="utf-8") as queries,
          open(f"{options.folder}/qrels.tsv", "w", encoding="utf-8") as judgements):
        judgements.write("query-id\tcorpus-id\tscore\n")
        for row, line in enumerate(source):
            query = json.loads(line)["_id"]
            if query not in qrels or written == options.limit:
                continue
            queries.write(line)
            judgements.writelines(qrels[query])
            rows.append(row)
            written += 1
    np.save(f"{options.folder}/queries.npy", np.ascontiguousarray(vectors[rows]))
    np.save(f"{options.folder}/corpus.npy", np.load(options.corpus))
    with (open_text(f"{options.make}/corpus.jsonl") as source,
          open(f"{options.folder}/corpus.jsonl", "w", encoding="utf-8") as corpus):
        corpus.writelines(source)


def make_synthetic(folder, count, queries=10_000):
    """Random unit vectors, written block by block; query i is a passage i moved a little."""
    os.makedirs(folder, exist_ok=True)
    draw = np.random.default_rng(1)
    matrix = np.lib.format.open_memmap(
        f"{folder}/corpus.npy", "w+", dtype="<f4", shape=(count, 384))
    with open(f"{folder}/corpus.jsonl", "w", encoding="utf-8") as corpus:
        for start in range(0, count, 10_000):
            block = draw.normal(size=(min(10_000, count - start), 384)).astype("<f4")
            matrix[start:start + len(block)] = block / np.linalg.norm(block, axis=1, keepdims=True)
            for row in range(start, start + len(block)):
                corpus.write(json.dumps({"_id": f"p{row}", "text": f"passage {row} " * 20}) + "\n")
    moved = matrix[:queries] + 0.03 * draw.normal(size=(queries, 384)).astype("<f4")
    np.save(f"{folder}/queries.npy", moved / np.linalg.norm(moved, axis=1, keepdims=True))
    with (open(f"{folder}/queries.jsonl", "w", encoding="utf-8") as texts,
          open(f"{folder}/qrels.tsv", "w", encoding="utf-8") as qrels):
        qrels.write("query-id\tcorpus-id\tscore\n")
        for row in range(queries):
            texts.write(json.dumps({"_id": f"q{row}", "text": f"query {row}"}) + "\n")
            qrels.write(f"q{row}\tp{row}\t1\n")


def run(name, command, threads):
    """The JSON a program prints, and the seconds of its process."""
    log = f"/tmp/mining-{name}.log"
    start = time.perf_counter()
    with open(log, "w", encoding="utf-8") as errors:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=errors, text=True,
                              env=environment(threads), check=False)
    wall = time.perf_counter() - start
    if done.returncode != 0:
        print(f"{name}: out: {last_words(log)}", file=sys.stderr)
        return None
    return {"wall": wall, **json.loads(done.stdout.strip().splitlines()[-1])}


def freshet(options, out):
    answer = run("freshet", [
        options.freshet, "mine", "--vectors", options.folder, "--qrels",
        f"{options.folder}/qrels.tsv", "--out", out, "--format", "n-tuple", "--negatives", "5",
        "--to-rank", "50", "--absolute-margin", "0.02", "--json"], options.threads)
    return answer and {"wall": answer["wall"], "seconds": answer["wall"],
                       "rows": answer["written"], "peak_kib": answer["peakBytes"] / 1024}


def peer(way, options, out):
    return run(way, [sys.executable, f"{HERE}/mining_ways.py", way, options.folder, "--out", out],
               options.threads)


WAYS = {
    "Freshet": freshet,
    "sentence-transformers 6.2, torch": lambda *a: peer("torch", *a),
    "sentence-transformers 6.2, faiss": lambda *a: peer("faiss", *a),
    "FlagEmbedding's steps, faiss": lambda *a: peer("flag", *a),
}


def table(results):
    best = {name: min(rounds, key=lambda r: r["seconds"]) for name, rounds in results.items()}
    ours = best["Freshet"]
    print("| | whole process, s | mining and writing, s | peak, MiB | records | ours is faster by "
          "| of its memory |\n|---|---|---|---|---|---|---|")
    for name, result in best.items():
        print(f"| {name} | {result['wall']:.1f} | {result['seconds']:.1f} "
              f"| {result['peak_kib'] / 1024:.0f} | {result['rows']} "
              f"| {result['seconds'] / ours['wall']:.2f}x "
              f"| {ours['peak_kib'] / result['peak_kib']:.2f} |")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--freshet", required=True, help="the command")
    parser.add_argument("--folder", required=True, help="vectors, texts and judgements")
    parser.add_argument("--make", help="BEIR folder to make it from")
    parser.add_argument("--queries", help="with --make: .npy, a row for each line of queries.jsonl")
    parser.add_argument("--corpus", help="with --make: .npy, a row for each line of corpus.jsonl")
    parser.add_argument("--limit", type=int, default=80_000, help="with --make: questions")
    parser.add_argument("--synthetic", type=int, help="measure Freshet alone on so many passages")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--rounds", type=int, default=1, help="all take turns; the best counts")
    parser.add_argument("--only", nargs="*", help="parts of names")
    parser.add_argument("--json", help="file for all that was measured")
    options = parser.parse_args()
    if options.synthetic:
        if not os.path.exists(f"{options.folder}/qrels.tsv"):
            make_synthetic(options.folder, options.synthetic)
    elif options.make and not os.path.exists(f"{options.folder}/corpus.jsonl"):
        make(options)
    results = {}
    for _ in range(options.rounds):
        for name, way in WAYS.items():
            is_wanted = not options.only or any(part in name for part in options.only)
            if name != "Freshet" and (options.synthetic or not is_wanted):
                continue
            result = way(options, f"{options.folder}/mined.jsonl")
            if result:
                results.setdefault(name, []).append(result)
                print(f"{name}: {result}", file=sys.stderr)
    table(results)
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump(results, file, indent=1)


if __name__ == "__main__":
    main()
