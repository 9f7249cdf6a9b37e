"""What a collection holds, read from its files, and embeddings without one."""

import json
import os
import shutil
import sqlite3

import numpy as np

from command import command


def copied(collection, place):
    """A copy of a collection, without what was encoded for a later generation."""
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(collection, place)
    partial = os.path.join(place, "partial")
    for name in os.listdir(partial) if os.path.isdir(partial) else ():
        os.remove(os.path.join(partial, name))
    return place


class Collection:
    """The passages of a collection in the order of their rows, and one generation of vectors."""

    def __init__(self, folder, generation=None):
        self.folder = folder
        database = sqlite3.connect(os.path.join(folder, "freshet.sqlite"))
        rows = database.execute(
            "SELECT id, title, text, textHash FROM passage WHERE deleted = 0 ORDER BY row")
        self.ids, titles, texts, self.hashes = zip(*rows)
        self.texts = [f"{title} {text}" if title else text for title, text in zip(titles, texts)]
        newest, = database.execute("SELECT max(id) FROM generation").fetchone()
        self.generation = newest if generation is None else generation
        self.predicted_errors = np.array([error for error, in database.execute(
            "SELECT predictedError FROM embedding WHERE generation = ? ORDER BY row",
            [self.generation])], float)
        database.close()

    @property
    def vectors(self):
        """`(passages, d)`, float32."""
        path = os.path.join(self.folder, f"vectors/{self.generation}.f32")
        return np.fromfile(path, np.float32).reshape(len(self.ids), -1)

    @property
    def sampled(self):
        """Which passages the refresh to this generation encoded, by its journal."""
        partial = os.path.join(self.folder, "partial")
        journal, = [name for name in os.listdir(partial) if name.endswith(".journal")]
        size = 64 + 4 * self.vectors.shape[1]
        with open(os.path.join(partial, journal), "rb") as file:
            records = file.read()
        hashes = {records[i:i + 64].decode() for i in range(0, len(records), size)}
        return np.array([each in hashes for each in self.hashes])


def embedded(freshet, encoder, texts, role, kept, *options):
    """Embeddings of texts by an encoder, `(texts, d)`: computed once, then read from `kept`.

    Options are those of `freshet embed`.
    """
    if not os.path.exists(kept):
        source = os.path.splitext(kept)[0] + ".jsonl"
        with open(source, "w", encoding="utf-8") as file:
            file.writelines(json.dumps({"text": text}) + "\n" for text in texts)
        command(freshet, "embed", "--encoder", encoder, "--texts", source, "--as", role,
                "--out", kept + ".part.npy", *options)
        os.replace(kept + ".part.npy", kept)
        os.remove(source)
    return np.load(kept)
