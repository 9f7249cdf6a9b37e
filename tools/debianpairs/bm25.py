"""BM25 by an inverted index: the floor any encoder is compared with."""

import collections
import heapq
import math
import re

K1, B, DEPTH = 0.9, 0.4, 10
WORD = re.compile(r"\w+")


def words(text):
    return WORD.findall(text.lower())


class Index:
    """Postings of a list of texts, with the weights already multiplied out."""

    def __init__(self, texts):
        counts = [collections.Counter(words(text)) for text in texts]
        lengths = [sum(count.values()) for count in counts]
        average = sum(lengths) / max(len(lengths), 1) or 1.0
        self.postings = collections.defaultdict(list)
        for row, count in enumerate(counts):
            norm = K1 * (1 - B + B * lengths[row] / average)
            for word, times in count.items():
                self.postings[word].append((row, times * (K1 + 1) / (times + norm)))
        self.size = len(texts)

    def search(self, query, depth=DEPTH):
        """Rows of the `depth` best texts, best first, ties by ascending row."""
        scores = collections.defaultdict(float)
        for word in words(query):
            posting = self.postings.get(word, ())
            idf = math.log(1 + (self.size - len(posting) + 0.5) / (len(posting) + 0.5))
            for row, weight in posting:
                scores[row] += idf * weight
        return heapq.nsmallest(depth, scores, key=lambda row: (-scores[row], row))


def ndcg_at_10(texts, queries):
    """Mean nDCG@10 of (query, row of its one relevant text) pairs."""
    index = Index(texts)
    total = 0.0
    for query, relevant in queries:
        rows = index.search(query)
        if relevant in rows:
            total += 1 / math.log2(rows.index(relevant) + 2)
    return total / max(len(queries), 1)
