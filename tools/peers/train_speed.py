#!/usr/bin/env python3
"""A training step (forward, backward, AdamW) of Freshet beside PyTorch's on the same batch.

Writes a folder of exactly one batch of pairs, so that both train on the same texts at every step.
Before any figure, both run without dropout from the same weights: the losses of the first step,
and for small batches of the third (after an update), must agree. Then, dropout on, they take
turns. `freshet train` is timed by the difference of a long and a short run, so that loading and
saving fall out; PyTorch's steps are timed alone, after one to warm up. Tokens are real ones.
PyTorch's peak memory is that of its process, Freshet's of `freshet train`, optimizer included.

  train_speed.py --freshet .build/release/freshet --model all-MiniLM-L6-v2 \\
    --data ../shared/data/squad --work /tmp/peers --json train.json
"""

import argparse
import dataclasses
import json
import os
import shutil
import statistics
import sys

from beir import read_corpus, read_qrels, read_queries
from encode_tables import table
from processes import ProgramFailed, Worker, environment, once, python


@dataclasses.dataclass(frozen=True)
class Way:
    """A method as one program offers it."""

    who: str
    method: str
    bank: int = 0

    @property
    def name(self):
        bank = f", bank {self.bank:,}" if self.bank else ""
        return f"{self.who}, {self.method}{bank}"


@dataclasses.dataclass(frozen=True)
class Case:
    """A batch in micro-batches (or chunks), and the methods that take turns on it."""

    batch: int
    micro: int
    methods: tuple

    @property
    def name(self):
        return f"{self.batch} by {self.micro}" if self.micro < self.batch else f"{self.batch}"

    @property
    def ways(self):
        for method, bank in self.methods:
            yield Way("Freshet", method, bank)
        for method, bank in self.methods:
            yield Way("PyTorch", method, bank)
            if method == "grad-cache":
                yield Way("PyTorch", "grad-cache-st")


CASES = (
    Case(8, 8, (("in-batch", 0),)), Case(32, 32, (("in-batch", 0),)),
    Case(128, 8, (
        ("grad-accum", 0), ("grad-cache", 0), ("cont-accum", 128), ("cont-accum", 1024))))
# Methods whose loss does not depend on which pairs share a micro-batch: there it is compared.
COMPARABLE = ("in-batch", "grad-cache")


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--freshet", required=True, help="the command")
    parser.add_argument("--model", required=True, help="sentence-transformers folder")
    parser.add_argument("--data", required=True, help="folder in BEIR layout, with qrels/train.tsv")
    parser.add_argument("--work", required=True, help="folder for batches and trained encoders")
    parser.add_argument("--threads", type=int, nargs="+", default=[2])
    parser.add_argument("--cases", nargs="+", help="such as '128 by 8' (default: all)")
    parser.add_argument("--pairs", type=int, default=256, help="pairs timed in a round, about")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--tolerance", type=float, default=1e-3, help="of the losses, relative")
    parser.add_argument("--json", metavar="FILE", help="write everything here, too")
    return parser.parse_args()


def note(text):
    print(f"train_speed: {text}", file=sys.stderr, flush=True)


def write_batch(args, count):
    """A BEIR folder of `count` pairs with different passages, evenly over the training set."""
    qrels = read_qrels(args.data, "train")
    passages = dict(zip(*read_corpus(args.data)))
    pairs, used = [], set()
    for query, text in zip(*read_queries(args.data, qrels)):
        passage = next(iter(qrels[query]))
        if passage not in used:
            used.add(passage)
            pairs.append((query, text, passage))
    pairs = pairs[:: max(1, len(pairs) // count)][:count]
    folder = os.path.join(args.work, f"batch-{count}")
    os.makedirs(os.path.join(folder, "qrels"), exist_ok=True)
    with open(os.path.join(folder, "corpus.jsonl"), "w", encoding="utf-8") as file:
        for _, _, passage in pairs:
            row = {"_id": passage, "title": "", "text": passages[passage]}
            file.write(json.dumps(row) + "\n")
    with open(os.path.join(folder, "queries.jsonl"), "w", encoding="utf-8") as file:
        for query, text, _ in pairs:
            file.write(json.dumps({"_id": query, "text": text}) + "\n")
    with open(os.path.join(folder, "qrels", "train.tsv"), "w", encoding="utf-8") as file:
        file.write("query-id\tcorpus-id\tscore\n")
        file.writelines(f"{query}\t{passage}\t1\n" for query, _, passage in pairs)
    return folder


def without_dropout(args):
    """The model's folder once more, with dropout probabilities of 0."""
    folder = os.path.join(args.work, "no-dropout")
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(args.model, folder)
    path = os.path.join(folder, "config.json")
    with open(path, encoding="utf-8") as file:
        config = json.load(file)
    config |= {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
    with open(path, "w", encoding="utf-8") as file:
        json.dump(config, file)
    return folder


class Contest:
    """All ways on one case: Freshet started anew for each run, PyTorch kept."""

    def __init__(self, args, case, threads):
        self.args, self.case, self.threads = args, case, threads
        self.data = write_batch(args, case.batch)

    def freshet(self, way, model, steps):
        """The report of a `freshet train` of that many steps."""
        out = os.path.join(self.args.work, "trained")
        for folder in (out, out + ".log"):
            shutil.rmtree(folder, ignore_errors=True)
        return once("freshet", [
            self.args.freshet, "train", "--data", self.data, "--from", model, "--out", out,
            "--method", way.method, "--batch", str(self.case.batch),
            "--micro-batch", str(self.case.micro), "--chunk", str(self.case.micro),
            *(["--bank", str(way.bank)] if way.bank else []),
            "--steps", str(steps), "--checkpoint-every", "0",
            "--threads", str(self.threads), "--json"], self._log("freshet"))

    def torch(self, way, model):
        """A loaded PyTorch worker, and the real tokens of the batch."""
        worker = Worker("torch", python(
            "train", "--model", model, "--data", self.data, "--micro", self.case.micro,
            "--method", way.method, "--bank", way.bank, "--threads", self.threads),
            self._log("torch"), environment(self.threads))
        return worker, worker.read()["tokens"]

    def _log(self, who):
        return os.path.join(self.args.work, f"train-{who}.log")


def check(contest, plain, tolerance):
    """[(way, steps, Freshet's last loss, PyTorch's)] without dropout; raises when they disagree."""
    seen = []
    for way in contest.case.ways:
        if way.who == "Freshet" or way.method not in COMPARABLE:
            continue
        for steps in (1, 3) if contest.case.batch <= 32 else (1,):
            worker, _ = contest.torch(way, plain)
            theirs = worker.ask(f"steps {steps}")["loss"]
            worker.stop()
            ours = contest.freshet(way, plain, steps)["loss"]
            note(f"{contest.case.name}, {way.method}, step {steps} without dropout: "
                 f"loss {ours:.6f}, PyTorch {theirs:.6f}")
            if not abs(ours - theirs) <= tolerance * abs(theirs) + 1e-6:
                raise ProgramFailed(
                    f"{contest.case.name}: loss of step {steps} is {ours:.6f}, PyTorch's "
                    f"{theirs:.6f}: not the same work, no comparison")
            seen.append((way.method, steps, ours, theirs))
    return seen


def measure(contest, args):
    """Seconds per step of every round, and peak bytes, of each way."""
    steps = max(2, args.pairs // contest.case.batch)
    ways = list(contest.case.ways)
    seconds, peaks, workers = {way: [] for way in ways}, {way: 0 for way in ways}, {}
    try:
        for way in ways:
            if way.who == "PyTorch":
                workers[way], tokens = contest.torch(way, args.model)
                workers[way].ask("steps 1")
        for number in range(args.rounds):
            for way in ways:
                if way in workers:
                    answer = workers[way].ask(f"steps {steps}")
                    seconds[way].append(answer["seconds"] / steps)
                else:
                    short = contest.freshet(way, args.model, 2)
                    answer = contest.freshet(way, args.model, 2 + steps)
                    seconds[way].append((answer["seconds"] - short["seconds"]) / steps)
                peaks[way] = max(peaks[way], answer["peakBytes"])
                note(f"{contest.case.name}, {contest.threads} threads, round {number + 1} of "
                     f"{args.rounds}: {way.name} {seconds[way][-1]:.2f} s a step")
    finally:
        for worker in workers.values():
            worker.stop()
    return {"tokens": tokens, "timedSteps": steps, "secondsPerStep": seconds, "peakBytes": peaks}


def ratio(result, slow, fast):
    """How much faster `fast` is, the median over rounds; empty where one was not run."""
    seconds = result["secondsPerStep"]
    if slow == fast or slow not in seconds or fast not in seconds:
        return ""
    return f"{statistics.median(a / b for a, b in zip(seconds[slow], seconds[fast])):.2f}"


def rows(case, threads, result):
    """The table's lines of one case; ratios are medians within rounds."""
    for way, own in result["secondsPerStep"].items():
        step = statistics.median(own)
        method = way.method.removesuffix("-st")
        ours = Way("Freshet", method, way.bank)
        yield [
            case.name, str(threads), way.name, f"{result['tokens'] / step:,.0f}",
            f"{step / case.batch:.4f}", f"{result['peakBytes'][way] / 1e6:,.0f}",
            ratio(result, way, Way(way.who, "grad-accum")), ratio(result, way, ours)]


def main():
    args = arguments()
    for name in ("freshet", "model", "data", "work"):
        setattr(args, name, os.path.abspath(getattr(args, name)))
    os.makedirs(args.work, exist_ok=True)
    plain, lines, results, failures = without_dropout(args), [], [], []
    for threads in args.threads:
        for case in CASES:
            if args.cases and case.name not in args.cases:
                continue
            contest = Contest(args, case, threads)
            try:
                losses = check(contest, plain, args.tolerance)
                result = measure(contest, args)
            except ProgramFailed as failure:
                failures.append(str(failure))
                note(f"no figures: {failure}")
                continue
            lines += rows(case, threads, result)
            by_name = {
                key: {way.name: value for way, value in result[key].items()}
                for key in ("secondsPerStep", "peakBytes")}
            results.append(
                {"case": case.name, "threads": threads, "losses": losses} | result | by_name)
    print(table(["pairs", "threads", "", "real tokens/s", "s per pair", "peak MB",
                 "times grad-accum", "Freshet is faster by"], lines))
    if args.json:
        with open(args.json, "w", encoding="utf-8") as file:
            json.dump(results, file, indent=2)
    if failures:
        sys.exit("train_speed: without figures: " + "; ".join(failures))


if __name__ == "__main__":
    main()
