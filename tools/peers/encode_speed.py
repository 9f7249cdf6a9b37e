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
from race import Race, note, summary

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
                    reference, tokens, args.tolerance)
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
    race = Race(field, contestants, args.rounds)
    results = {} if "throughput" in args.skip else throughput(race, jobs, args)
    delays = {} if "latency" in args.skip else latency(race, texts["questions"], args)
    report(args, machine(contestants), results, delays, race.failed)
    refused = {name for (name, *_), result in results.items() if "refused" in result}
    if refused or race.failed:
        sys.exit(f"encode_speed: without figures: {', '.join(sorted(refused | {*race.failed}))}")


if __name__ == "__main__":
    main()
