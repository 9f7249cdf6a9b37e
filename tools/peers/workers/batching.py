"""Texts into padded batches of similar length, run in one or several lanes."""

import concurrent.futures
import dataclasses

import numpy as np


@dataclasses.dataclass(frozen=True)
class Setting:
    """How a peer is fed; written `batch=32,lanes=1` or `tokens=4096,lanes=2`.

    A batch holds `batch` texts, or as many as stay within `tokens` padded tokens. With n lanes,
    n batches run at once, each on its share of the threads.
    """

    batch: int = 0
    tokens: int = 0
    lanes: int = 1

    @staticmethod
    def parse(text):
        return Setting(**{k: int(v) for k, v in (part.split("=") for part in text.split(","))})

    def __str__(self):
        size = f"batch={self.batch}" if self.batch else f"tokens={self.tokens}"
        return f"{size},lanes={self.lanes}"


def candidates(threads):
    """The settings tried for every peer that is fed by the programs here."""
    lanes = sorted({1, threads})
    return [Setting(lanes=n, **size) for n in lanes
            for size in ({"batch": 32}, {"tokens": 1024}, {"tokens": 4096})]


def groups(order, lengths, setting):
    """Slices of `order` (longest first) that make up the batches."""
    start = 0
    while start < len(order):
        count = setting.batch or max(1, setting.tokens // lengths[order[start]])
        yield order[start : start + count]
        start += count


class SortedEncoder:
    """Embeddings of texts by a backend's `run(ids, mask) -> (batch, dimension)` unit vectors."""

    def __init__(self, tokenizer, run, setting):
        self.tokenizer, self.run, self.setting = tokenizer, run, setting
        lanes = setting.lanes
        self.pool = concurrent.futures.ThreadPoolExecutor(lanes) if lanes > 1 else None

    def __call__(self, texts):
        encodings = self.tokenizer.encode_batch_fast(texts)
        rows = [encoding.ids for encoding in encodings]
        lengths = [len(row) for row in rows]
        order = sorted(range(len(rows)), key=lengths.__getitem__, reverse=True)
        batches = list(groups(order, lengths, self.setting))
        if self.pool and len(batches) > 1:
            parts = list(self.pool.map(lambda batch: self._one(batch, rows), batches))
        else:
            parts = [self._one(batch, rows) for batch in batches]
        vectors = np.concatenate(parts)
        out = np.empty_like(vectors)
        out[order] = vectors
        return out

    def _one(self, batch, rows):
        length = len(rows[batch[0]])
        ids = np.zeros((len(batch), length), np.int64)
        mask = np.zeros((len(batch), length), np.int64)
        for place, index in enumerate(batch):
            row = rows[index]
            ids[place, : len(row)] = row
            mask[place, : len(row)] = 1
        return self.run(ids, mask)
