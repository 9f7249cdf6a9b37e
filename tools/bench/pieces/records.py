"""Finished runs as lines of a file, so that none is done again."""

import json
import os
import sys
from statistics import fmean, stdev


class Records:
    """The runs of a folder's results.jsonl."""

    def __init__(self, work):
        os.makedirs(work, exist_ok=True)
        self.path = os.path.join(work, "results.jsonl")
        self.kept = []
        if os.path.exists(self.path):
            with open(self.path, encoding="utf-8") as file:
                self.kept = [json.loads(line) for line in file]

    def get(self, settings, make, said):
        """The run of these settings: the one that is kept, or what `make` gives, kept from now on.

        `said` puts a run into words for whoever waits.
        """
        record = next((each for each in self.kept if settings.items() <= each.items()), None)
        if record is None:
            record = settings | make()
            self.kept.append(record)
            with open(self.path, "a", encoding="utf-8") as file:
                file.write(json.dumps(record) + "\n")
        print(said(record), file=sys.stderr, flush=True)
        return record


def grouped(records, *keys):
    """Records by the values of these keys, in their order."""
    groups = {}
    for record in records:
        groups.setdefault(tuple(record[key] for key in keys), []).append(record)
    return groups


def spread(values, pattern="{:.4f}"):
    """Mean, and the standard deviation where there are several."""
    values = list(values)
    text = pattern.format(fmean(values))
    return text + " ± " + pattern.format(stdev(values)) if len(values) > 1 else text
