"""TREC runs against judgements, and the difference of two sets of runs."""

import random
import statistics


def read_qrels(path):
    relevant = {}
    with open(path, encoding="utf-8") as file:
        next(file)
        for line in file:
            query, passage, grade = line.split("\t")
            if int(grade) > 0:
                relevant.setdefault(query, set()).add(passage)
    return relevant


def reciprocal_ranks(run, relevant):
    """MRR@10 of every judged query, in the order of their ids."""
    best = dict.fromkeys(relevant, 0.0)
    with open(run, encoding="utf-8") as file:
        for line in file:
            query, _, passage, rank, *_ = line.split()
            if int(rank) <= 10 and passage in relevant.get(query, ()):
                best[query] = max(best[query], 1 / int(rank))
    return [round(best[query], 6) for query in sorted(best)]


def bootstrap(differences, samples=2000):
    """Mean, and a 95% interval over seeds and queries: both are drawn with replacement."""
    draw, count = random.Random(1), len(differences[0])
    means = []
    for _ in range(samples):
        queries = [draw.randrange(count) for _ in range(count)]
        seeds = [draw.choice(differences) for _ in differences]
        means.append(statistics.fmean(statistics.fmean(s[q] for q in queries) for s in seeds))
    means.sort()
    mean = statistics.fmean(map(statistics.fmean, differences))
    return mean, means[int(0.025 * samples)], means[int(0.975 * samples)]
