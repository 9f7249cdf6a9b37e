#!/usr/bin/env python3
"""Encoding speed and single-query latency of Freshet beside its peers, in one run.

Every contestant reads the same texts on the same number of threads, each library in a process of
its own that stays loaded and warm; in each round each has its turn. Throughput is real tokens per
second: as the model's tokenizer counts them after truncation, special tokens included, padding
not; tokenising is timed, loading is not. Ratios are taken within a round, then the median. Peers
that are fed batches are first tried with several batch sizes and lanes on a few texts, and keep
the fastest. All embeddings are compared with those of sentence-transformers; a contestant that
counts other tokens, or claims fp32 and differs by more than --tolerance, gets no figures.

Prints Markdown tables. Exit status 1 when a contestant was refused or failed.

  encode_speed.py --freshet .build/release/freshet --model all-MiniLM-L6-v2 \\
    --data ../shared/data/squad --work /tmp/peers --json encode.json
"""

import argparse
import json
import os
import platform
import statistics
import sys

import numpy as np

import encode_tables
from beir import open_text
from contestants import (
    PEERS, REFERENCE, Field, Job, freshet_forms, missing_packages, versions)
from processes import ProgramFailed

ROLES = {"passages": "passage", "questions": "query"}
FILES = {"passages": "corpus.jsonl", "questions": "queries.jsonl"}


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--freshet", help="the command; without it only Python is measured")
    parser.add_argument("--model", required=True, help="sentence-transformers folder")
    parser.add_argument("--data", required=True, help="folder in BEIR layout")
    parser.add_argument("--work", required=True, help="keeps the peers' formats of the model")
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--sets", nargs="+", default=list(ROLES), choices=list(ROLES))
    parser.add_argument("--passages", type=int, default=600, help="evenly over the corpus")
    parser.add_argument("--questions", type=int, default=4000, help="evenly over the queries")
    parser.add_argument("--limit", type=int, help="at most this many texts of each: a quick try")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--singles", type=int, default=500, help="texts of one latency round")
    parser.add_argument("--only", nargs="+", help="contestants to measure (default: all)")
    parser.add_argument("--skip", nargs="+", default=[], choices=["throughput", "latency"])
    parser.add_argument("--tolerance", type=float, default=1e-4, help="of fp32 embeddings")
    parser.add_argument("--json", metavar="FILE", help="write everything here, too")
    return parser.parse_args()


def note(text):
    print(f"encode_speed: {text}", file=sys.stderr, flush=True)


def write_texts(args, name):
    """A file of the set's texts (titles left out), taken evenly over the whole list."""
    with open_text(args.data, FILES[name]) as lines:
        texts = [json.loads(line)["text"] for line in lines]
    wanted = min(getattr(args, name), args.limit or len(texts))
    texts = texts[:: max(1, len(texts) // wanted)][:wanted]
    path = os.path.join(args.work, f"{name}.jsonl")
    with open(path, "w", encoding="utf-8") as file:
        file.writelines(json.dumps({"text": text}, ensure_ascii=False) + "\n" for text in texts)
    return path


def enter(args, field, forms):
    """The contestants that can run here, the reference first; says who is left out, and why."""
    entered = []
    for contestant in [*PEERS, *forms]:
        if args.only and contestant.name not in [*args.only, REFERENCE]:
            continue
        absent = missing_packages(contestant)
        problem = f"no package {', '.join(absent)}" if absent else (
            field.convert(contestant) if contestant in PEERS else None)
        if problem:
            note(f"{contestant.name} left out: {problem}")
        else:
            entered.append(contestant)
    if not entered or entered[0].name != REFERENCE:
        sys.exit(f"encode_speed: {REFERENCE} is what all are compared with, and is not there")
    return entered


class Race:
    """Rounds in which each contestant has its turn; who fails is out, and remembered."""

    def __init__(self, field, contestants, args):
        self.field, self.contestants, self.args, self.failed = field, contestants, args, {}

    def _try(self, contestant, action):
        try:
            return action()
        except ProgramFailed as failure:
            note(f"out: {failure}")
            self.failed[contestant.name] = str(failure)
            return None

    def settings(self, job):
        """{name: setting} of the tuned peers."""
        kept = {}
        sample = {"passages": 96, "questions": 768}[job.set]
        for contestant in self.contestants:
            if contestant.tuned and contestant.name not in self.failed:
                best = self._try(contestant, lambda: self.field.tune(contestant, job, sample))
                if best:
                    kept[contestant.name] = best["setting"]
                    tried = ", ".join(f"{k} {v:.2f} s" for k, v in best["tried"].items())
                    note(f"{contestant.name} keeps {best['setting']} of {tried}")
        return kept

    def run(self, job, settings, command):
        """{name: [answer of each round]}."""
        workers, answers = {}, {}
        try:
            for number in range(self.args.rounds):
                for contestant in self.contestants:
                    name = contestant.name
                    if name in self.failed:
                        continue
                    if name not in workers:
                        worker = self._try(contestant, lambda: self.field.start(
                            contestant, job, settings.get(name)))
                        if worker is None:
                            continue
                        workers[name] = worker
                    answer = self._try(contestant, lambda: workers[name].ask(command))
                    if answer:
                        answers.setdefault(name, []).append(answer)
                note(f"{command}, {job.set}, {job.threads} threads: "
                     f"round {number + 1} of {self.args.rounds} done")
        finally:
            for worker in workers.values():
                worker.stop()
        return {name: given for name, given in answers.items() if name not in self.failed}


def summary(contestant, answers, setting, vectors, reference, tokens, args):
    """One contestant's figures on one job; `refused` says why it gets none."""
    last, seconds = answers[-1], [answer["seconds"] for answer in answers]
    cpu = [answer["cpuSeconds"] for answer in answers]
    result = {
        "precision": contestant.precision, "setting": setting, "texts": last["texts"],
        "tokens": last["tokens"], "truncated": last["truncated"], "seconds": seconds,
        "cpuSeconds": cpu, "tokensPerSecond": last["tokens"] / statistics.median(seconds),
        "coresBusy": sum(cpu) / sum(seconds) if all(cpu) else None,
        "peakMegabytes": last["peakBytes"] / 1e6 if last["peakBytes"] else None,
        "maxAbsDifference": float(np.abs(vectors - reference).max()),
        "minCosine": float((vectors * reference).sum(1).min())}
    if last["tokens"] != tokens:
        result["refused"] = f"counts {last['tokens']} tokens, not {tokens}"
    elif contestant.precision == "fp32" and not result["maxAbsDifference"] <= args.tolerance:
        result["refused"] = f"differs by {result['maxAbsDifference']:.1e}"
    elif not np.isfinite(vectors).all():
        result["refused"] = "has values that are no numbers"
    return result


def throughput(race, jobs, args):
    """{(name, set, threads): result} over all jobs."""
    results = {}
    for job in jobs:
        settings = race.settings(job)
        answers = race.run(job, settings, "encode")
        if REFERENCE not in answers:
            sys.exit(f"encode_speed: {race.failed.get(REFERENCE)}")
        tokens = answers[REFERENCE][-1]["tokens"]
        reference = np.load(race.field.vectors(race.contestants[0], job)).astype(np.float64)
        for contestant in race.contestants:
            if contestant.name in answers:
                vectors = np.load(race.field.vectors(contestant, job)).astype(np.float64)
                results[contestant.name, job.set, job.threads] = summary(
                    contestant, answers[contestant.name], settings.get(contestant.name), vectors,
                    reference, tokens, args)
    return results


def latency(race, questions, args):
    """{(name, threads): the medians over rounds of one text at a time}."""
    results = {}
    for threads in args.threads:
        job = Job("questions", "query", questions, threads, args.singles)
        alone = {peer.name: "batch=32,lanes=1" for peer in race.contestants if peer.tuned}
        for name, answers in race.run(job, alone, "latency").items():
            results[name, threads] = {
                key: statistics.median(answer[key] for answer in answers) for key in answers[0]}
    return results


def machine(contestants):
    """What the figures hold for."""
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        names = [line.split(":", 1)[1].strip() for line in file if line.startswith("model name")]
    return {"processor": names[0] if names else platform.machine(), "cores": os.cpu_count(),
            "python": platform.python_version(), "packages": versions(contestants)}


def keyed(results, *fields):
    """The results as a list of objects that carry their key."""
    return [dict(zip(fields, key)) | value for key, value in results.items()]


def report(args, here, results, delays, failed):
    print(f"{here['processor']}, {here['cores']} cores; " + ", ".join(
        f"{name} {version}" for name, version in here["packages"].items()))
    if results:
        for key in dict.fromkeys((texts, threads) for _, texts, threads in results):
            first = results[(REFERENCE, *key)]
            print(f"{key[0]}, {key[1]} threads: {first['texts']} texts, {first['tokens']} real "
                  f"tokens, {first['truncated']} texts cut, {len(first['seconds'])} rounds")
        print("\n" + encode_tables.throughput(results))
        print("\n" + encode_tables.settings(results))
    if delays:
        count = next(iter(delays.values()))["count"]
        print(f"\nOne question at a time, warm, {count:.0f} questions, medians of "
              f"{args.rounds} rounds:\n\n" + encode_tables.latencies(delays))
    if args.json:
        with open(args.json, "w", encoding="utf-8") as file:
            json.dump({
                "machine": here, "failed": failed,
                "throughput": keyed(results, "contestant", "set", "threads"),
                "latency": keyed(delays, "contestant", "threads")}, file, indent=2)


def main():
    args = arguments()
    for name in ("model", "work", "freshet"):
        if getattr(args, name):
            setattr(args, name, os.path.abspath(getattr(args, name)))
    os.makedirs(args.work, exist_ok=True)
    forms, has_bench = freshet_forms(args.freshet) if args.freshet else ([], False)
    if args.freshet and not has_bench:
        note("this build has no `freshet bench`: a cold `freshet embed` for each pass instead")
    texts = {name: write_texts(args, name) for name in ROLES}
    jobs = [Job(name, ROLES[name], texts[name], threads)
            for threads in args.threads for name in args.sets]
    field = Field(args.freshet, has_bench, args.model, args.work)
    contestants = enter(args, field, forms)
    race = Race(field, contestants, args)
    results = {} if "throughput" in args.skip else throughput(race, jobs, args)
    delays = {} if "latency" in args.skip else latency(race, texts["questions"], args)
    report(args, machine(contestants), results, delays, race.failed)
    refused = {name for (name, *_), result in results.items() if "refused" in result}
    if refused or race.failed:
        sys.exit(f"encode_speed: without figures: {', '.join(sorted(refused | {*race.failed}))}")


if __name__ == "__main__":
    main()
