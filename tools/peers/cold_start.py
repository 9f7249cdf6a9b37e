#!/usr/bin/env python3
"""The time of one search from the start of the process: `freshet search` beside Python's ways.

Builds, once, a collection of a BEIR folder's passages in the work folder, and gives its vectors to
Python as a NumPy file and a FAISS index (HNSW, 32 links). Then each way answers the same question
in a new process, in turns; the median is of --rounds searches with the files in the page cache.
Before that, where this user may empty the page cache (or tell the system to forget the files),
one search of each with nothing cached. Every way must find the same best passage.

  cold_start.py --freshet .build/release/freshet --model all-MiniLM-L6-v2 \\
    --data ../shared/data/squad --work /tmp/peers/cold --json cold.json
"""

import argparse
import glob
import importlib.util
import json
import os
import statistics
import subprocess
import sys
import time

import numpy as np

from beir import read_corpus
from encode_tables import table
from processes import HERE, environment, python

QUESTION = "When was the university founded?"


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--freshet", required=True, help="the command")
    parser.add_argument("--model", required=True, help="sentence-transformers folder")
    parser.add_argument("--data", required=True, help="folder in BEIR layout")
    parser.add_argument("--work", required=True, help="keeps the collection and Python's files")
    parser.add_argument("--limit", type=int, default=20000, help="passages of the collection")
    parser.add_argument("--question", default=QUESTION)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--json", metavar="FILE", help="write everything here, too")
    return parser.parse_args()


def note(text):
    print(f"cold_start: {text}", file=sys.stderr, flush=True)


def run(command, env=None):
    """Standard output; ends the program when the command fails."""
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env=env, cwd=HERE)
    if done.returncode != 0:
        words = done.stderr.strip().splitlines()[-1:] or ["it said nothing"]
        sys.exit(f"cold_start: {' '.join(command[:3])} failed: {words[0]}")
    return done.stdout


def write_passages(args):
    ids, texts = read_corpus(args.data)
    path = os.path.join(args.work, f"passages-{args.limit}.jsonl")
    with open(path, "w", encoding="utf-8") as file:
        for passage, text in list(zip(ids, texts))[: args.limit]:
            file.write(json.dumps({"_id": passage, "title": "", "text": text}) + "\n")
    return path, min(args.limit, len(ids))


def build_collection(args, passages):
    """The collection's folder; `built` beside it says that an earlier run finished it."""
    folder = os.path.join(args.work, f"cold-{args.limit}.freshet")
    built = folder + ".built"
    if not os.path.exists(built):
        note(f"building {folder}: minutes, once")
        run([args.freshet, "add", folder, passages])
        run([args.freshet, "encode", folder, "--encoder", args.model])
        with open(built, "w", encoding="utf-8"):
            pass
    return folder


def give_vectors(args, folder, count):
    """Python's files with the collection's own vectors, whose rows are in the order of adding."""
    numpy_file = os.path.join(args.work, f"vectors-{args.limit}.npy")
    faiss_file = os.path.join(args.work, f"index-{args.limit}.faiss")
    files = glob.glob(os.path.join(folder, "vectors", "*.f32"))
    if len(files) != 1:
        sys.exit(f"cold_start: {folder}/vectors: expected one .f32 file, found {len(files)}")
    vectors = np.fromfile(files[0], dtype="<f4")
    if vectors.size % count:
        sys.exit(f"cold_start: {files[0]}: {vectors.size} values for {count} passages")
    vectors = vectors.reshape(count, -1)
    np.save(numpy_file, vectors)
    if importlib.util.find_spec("faiss") and not os.path.exists(faiss_file):
        # In a process of its own: FAISS and its threads are none of the driver's.
        build = ("import sys, faiss, numpy; v = numpy.load(sys.argv[1]); "
                 "i = faiss.IndexHNSWFlat(v.shape[1], 32, faiss.METRIC_INNER_PRODUCT); "
                 "i.add(v); faiss.write_index(i, sys.argv[2])")
        run([sys.executable, "-c", build, numpy_file, faiss_file])
    return numpy_file, faiss_file


def ways(args, folder, passages, numpy_file, faiss_file):
    """{name: command} of what can run here."""
    common = ("--model", args.model, "--passages", passages, "-k", 10, args.question)
    found = {
        "freshet search": [args.freshet, "search", folder, args.question, "-k", "10"],
        "sentence-transformers + numpy": python(
            "search", "--way", "numpy", "--index", numpy_file, *common)}
    if os.path.exists(faiss_file):
        found["sentence-transformers + faiss"] = python(
            "search", "--way", "faiss", "--index", faiss_file, *common)
    if importlib.util.find_spec("onnxruntime"):
        graph = run(python("convert", "--model", args.model, "--work",
                           os.path.join(args.work, "formats"), "--format", "onnx-fused"))
        found["onnxruntime + numpy, no PyTorch"] = python(
            "search", "--way", "onnx", "--graph", graph.strip().splitlines()[-1],
            "--index", numpy_file, *common)
    return found


def forget(paths):
    """Empties the page cache, or of the given files; returns whether and how, for the record."""
    os.sync()
    try:
        with open("/proc/sys/vm/drop_caches", "w", encoding="ascii") as file:
            file.write("3")
        return "page cache emptied"
    except OSError:
        pass
    for path in paths:
        for file in glob.glob(os.path.join(path, "**"), recursive=True) or [path]:
            if os.path.isfile(file):
                handle = os.open(file, os.O_RDONLY)
                os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
                os.close(handle)
    return "the model's and collection's files forgotten, the libraries' not"


def timed(command, env):
    started = time.perf_counter()
    out = run(command, env)
    return time.perf_counter() - started, out


def best_text(out, texts):
    """The passage on the first line of an answer, whatever way it is printed."""
    line = " ".join(out.splitlines()[0].split())
    found = [text for text in texts if " ".join(text.split())[:60] in line]
    return found[0] if found else line


def main():
    args = arguments()
    for name in ("freshet", "model", "data", "work"):
        setattr(args, name, os.path.abspath(getattr(args, name)))
    os.makedirs(args.work, exist_ok=True)
    passages, count = write_passages(args)
    folder = build_collection(args, passages)
    numpy_file, faiss_file = give_vectors(args, folder, count)
    found = ways(args, folder, passages, numpy_file, faiss_file)
    env, cold, warm, answers = environment(os.cpu_count()), {}, {name: [] for name in found}, {}
    how = ""
    for name, command in found.items():
        how = forget([folder, args.model, numpy_file, faiss_file, args.freshet])
        cold[name], answers[name] = timed(command, env)
    for number in range(args.rounds):
        for name, command in found.items():
            warm[name].append(timed(command, env)[0])
        note(f"round {number + 1} of {args.rounds} done")
    with open(passages, encoding="utf-8") as file:
        texts = [json.loads(line)["text"] for line in file]
    best = {name: best_text(out, texts) for name, out in answers.items()}
    if len(set(best.values())) != 1:
        sys.exit(f"cold_start: the ways find different passages, no comparison: {best}")
    print(f"{count} passages; first search: {how}; then {args.rounds} rounds, cached\n")
    print(table(["", "first, s", "median, s", "least, s", "most, s"], [
        [name, f"{cold[name]:.2f}", *(f"{f(warm[name]):.3f}" for f in (
            statistics.median, min, max))] for name in found]))
    if args.json:
        with open(args.json, "w", encoding="utf-8") as file:
            json.dump({"passages": count, "first": how, "firstSeconds": cold, "seconds": warm},
                      file, indent=2)


if __name__ == "__main__":
    main()
