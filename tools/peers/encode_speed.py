#!/usr/bin/env python3
"""Encode throughput of Freshet beside sentence-transformers: same texts, same machine, same run.

The two take turns (A B A B ...), so that a busy neighbour slows both. Throughput is real tokens
per second: tokens as the model's tokenizer counts them, special tokens included, padding not.
Each peer's own clock runs over tokenizing and encoding alone, not over loading the model. The
embeddings are compared before any figure is printed: a fast wrong answer is no answer.

  encode_speed.py --freshet .build/release/freshet --model all-MiniLM-L6-v2 \\
    --texts texts.jsonl --threads 2 --rounds 3
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--freshet", help="the command; without it only Python is measured")
    parser.add_argument("--model", required=True, help="sentence-transformers folder")
    parser.add_argument("--texts", required=True, help='JSON Lines with "text"')
    parser.add_argument("--limit", type=int, default=0, help="only the first LIMIT texts")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--batch", type=int, default=32, help="of sentence-transformers")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--tolerance", type=float, default=1e-4, help="of the embeddings")
    parser.add_argument("--json", action="store_true", help="print one JSON object at the end")
    return parser.parse_args()


def read_texts(path, limit):
    with open(path, encoding="utf-8") as file:
        texts = [json.loads(line)["text"] for line in file if line.strip()]
    return texts[:limit] if limit else texts


class Python:
    """sentence-transformers with its defaults, on the CPU."""

    name = "sentence-transformers"

    def __init__(self, args):
        import torch
        from sentence_transformers import SentenceTransformer

        torch.set_num_threads(args.threads)
        self.model, self.batch = SentenceTransformer(args.model, device="cpu"), args.batch

    def count_tokens(self, texts):
        """Real tokens of the texts, cut to the model's maximum length."""
        from tokenizers import Tokenizer

        path = os.path.join(self.model.tokenizer.name_or_path, "tokenizer.json")
        tokenizer = Tokenizer.from_file(path)
        tokenizer.no_padding()
        tokenizer.enable_truncation(self.model.max_seq_length)
        return sum(len(encoding.ids) for encoding in tokenizer.encode_batch(texts))

    def run(self, texts):
        """(embeddings, seconds) of one pass."""
        started = time.perf_counter()
        vectors = self.model.encode(
            texts, batch_size=self.batch, normalize_embeddings=True, show_progress_bar=False)
        return vectors, time.perf_counter() - started


class Freshet:
    """`freshet embed`, which reports the seconds of its embedding phase."""

    name = "freshet"

    def __init__(self, args, texts_path, folder):
        self.out = os.path.join(folder, "vectors.npy")
        self.command = [
            args.freshet, "embed", "--encoder", args.model, "--texts", texts_path,
            "--out", self.out, "--as", "passage", "--threads", str(args.threads), "--json"]

    def run(self, expected_tokens):
        """(embeddings, seconds) of one pass; the token counts must agree."""
        import numpy as np

        done = subprocess.run(self.command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            sys.exit(f"encode_speed: {' '.join(self.command)} failed: {done.stderr.strip()}")
        report = json.loads(done.stdout.strip().splitlines()[-1])
        if report["tokens"] != expected_tokens:
            sys.exit(f"encode_speed: freshet counts {report['tokens']} tokens, the tokenizers "
                     f"library {expected_tokens}: not the same work, no comparison")
        return np.load(self.out), report["seconds"]


def write_texts(texts, folder):
    """The texts as the one file both peers read."""
    path = os.path.join(folder, "texts.jsonl")
    with open(path, "w", encoding="utf-8") as file:
        for number, text in enumerate(texts):
            file.write(json.dumps({"_id": str(number), "text": text}) + "\n")
    return path


def measure(args, texts):
    """{name: [tokens/s of each round]}, the token count and the largest difference."""
    python = Python(args)
    tokens = python.count_tokens(texts)
    python.run(texts[:128])
    rates, worst = {Python.name: []}, None
    with tempfile.TemporaryDirectory() as folder:
        freshet = None
        if args.freshet:
            freshet = Freshet(args, write_texts(texts, folder), folder)
            rates[Freshet.name] = []
        for number in range(args.rounds):
            expected, seconds = python.run(texts)
            rates[Python.name].append(tokens / seconds)
            if freshet:
                vectors, seconds = freshet.run(tokens)
                rates[Freshet.name].append(tokens / seconds)
                worst = max(worst or 0.0, float(abs(vectors - expected).max()))
            line = ", ".join(f"{name} {rate[-1]:.0f}" for name, rate in rates.items())
            print(f"round {number + 1} of {args.rounds}: {line} tokens/s", file=sys.stderr)
    return rates, tokens, worst


def report(args, texts, rates, tokens, worst):
    """Prints the table; the ratio is taken within each round, then the median."""
    print(f"{len(texts)} texts, {tokens} real tokens, {args.threads} threads, "
          f"{args.rounds} alternating rounds")
    print(f"{'':<24}{'median tok/s':>14}{'best tok/s':>14}{'ratio':>8}")
    base, ratios = rates[Python.name], {}
    for name, rate in rates.items():
        ratios[name] = statistics.median(a / b for a, b in zip(rate, base))
        print(f"{name:<24}{statistics.median(rate):>14.0f}{max(rate):>14.0f}{ratios[name]:>8.2f}")
    if worst is not None:
        print(f"largest difference of any embedding value: {worst:.1e}")
    if args.json:
        print(json.dumps({
            "texts": len(texts), "tokens": tokens, "threads": args.threads,
            "tokensPerSecond": rates, "ratio": ratios, "maxAbsDifference": worst}))


def main():
    args = arguments()
    # Before torch and tokenizers are loaded: they read these once.
    threads = str(args.threads)
    os.environ.update(OMP_NUM_THREADS=threads, MKL_NUM_THREADS=threads, RAYON_NUM_THREADS=threads,
                      HF_HUB_OFFLINE="1", TOKENIZERS_PARALLELISM="true" if args.threads > 1
                      else "false")
    texts = read_texts(args.texts, args.limit)
    rates, tokens, worst = measure(args, texts)
    if worst is not None and not worst <= args.tolerance:
        sys.exit(f"encode_speed: embeddings differ by {worst:.1e}, more than {args.tolerance}; "
                 "no figures for a wrong answer")
    report(args, texts, rates, tokens, worst)


if __name__ == "__main__":
    main()
