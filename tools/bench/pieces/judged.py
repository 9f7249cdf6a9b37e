"""Judged queries in BEIR layout, and the figures of exact search for them."""

import os
import sys

import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "peers"))
from beir import read_corpus, read_qrels, read_queries  # noqa: E402,F401


class JudgedQueries:
    """The queries of a split that have a relevant passage among `ids`."""

    def __init__(self, data, split, ids):
        place = {each: row for row, each in enumerate(ids)}
        qrels = read_qrels(data, split)
        relevant = {
            query: [place[passage] for passage, grade in grades.items()
                    if grade > 0 and passage in place]
            for query, grades in qrels.items()}
        relevant = {query: rows for query, rows in relevant.items() if rows}
        self.ids, self.texts = read_queries(data, relevant)
        self.relevant = [relevant[query] for query in self.ids]

    def ranks(self, queries, passages):
        """The rank of the best relevant passage for each query, from 1: `(queries,)`."""
        found = []
        for start in range(0, len(self.ids), 512):
            scores = queries[start:start + 512] @ passages.T
            rows = self.relevant[start:start + len(scores)]
            best = np.array([own[each].max() for own, each in zip(scores, rows)])
            found.append(1 + (scores > best[:, None]).sum(1))
        return np.concatenate(found)


def reciprocal(ranks, k=10):
    """1 / rank, 0 beyond k."""
    return np.where(ranks <= k, 1 / ranks, 0)
