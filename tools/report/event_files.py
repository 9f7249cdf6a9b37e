"""Reads the event files of runs with TensorBoard, and compares with their logs.

All ways that TensorBoard has: its Python reader, and its server with either of two loaders, asked
as a browser would.
Tried with tensorboard 2.21.0 and tensorboard-data-server 0.7.2.
"""

import json
import os
import re
import subprocess
import sys
import threading
import time
import urllib.parse
import urllib.request

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

FIELDS = {"train/loss": "loss", "train/accuracy": "accuracy", "train/gradient_norm": "gradientNorm",
          "train/learning_rate": "learningRate", "train/banked_examples": "bankedExamples"}


def require(condition, complaint):
    if not condition:
        sys.exit(f"check-report: {complaint}")


def expected(folder):
    """{tag: {step: value}} by the log of the run."""
    curves = {}
    with open(os.path.join(folder, "train.jsonl"), encoding="utf-8") as file:
        for line in map(json.loads, file):
            values = {}
            if line["kind"] == "step":
                values = {tag: line[field] for tag, field in FIELDS.items()}
                if not line["bankedExamples"]:
                    del values["train/banked_examples"]
                values["train/memory_bytes"] = line["clock"]["memoryBytes"]
                if "tokensPerSecond" in line["clock"]:
                    values["train/tokens_per_second"] = line["clock"]["tokensPerSecond"]
            elif line["kind"] == "evaluation":
                values = {f"eval/{name}": value for name, value in line["metrics"].items()}
            for tag, value in values.items():
                curves.setdefault(tag, {})[line["step"]] = value
    return curves


def compare(name, want, got):
    """Every curve of the log is there, step for step, in the precision of a float."""
    for tag, curve in want.items():
        have = got.get(tag, [])
        require([step for step, _ in have] == sorted(curve),
                f"{name}: {tag} has {len(have)} steps, the log {len(curve)}")
        for step, value in have:
            require(abs(value - curve[step]) <= 1e-6 * abs(curve[step]),
                    f"{name}: {tag} at step {step} is {value}, by the log {curve[step]}")


def by_reader(folder):
    reader = EventAccumulator(folder, size_guidance={"scalars": 0})
    reader.Reload()
    return {tag: [(event.step, event.value) for event in reader.Scalars(tag)]
            for tag in reader.Tags()["scalars"]}


class Server:
    """A TensorBoard over a folder, on a port of its own choice."""

    def __init__(self, folder, fast):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tensorboard.main", "--logdir", folder, "--port", "0",
             "--host", "127.0.0.1", "--samples_per_plugin", "scalars=1000000",
             "--load_fast", fast],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.watchdog = threading.Timer(120, self.process.kill)
        self.watchdog.start()
        self.address = None
        for line in self.process.stderr:
            found = re.search(r"at (http://[^ ]+)", line)
            if found:
                self.address = found.group(1).rstrip("/")
                break

    def __enter__(self):
        require(self.address, "TensorBoard's server does not start")
        return self

    def __exit__(self, *_):
        self.watchdog.cancel()
        self.process.kill()
        self.process.wait()

    def get(self, path, **query):
        url = f"{self.address}/data/plugin/scalars/{path}?{urllib.parse.urlencode(query)}"
        with urllib.request.urlopen(url, timeout=60) as answer:
            return json.load(answer)

    def curves(self, run, last):
        """All curves of a run, once the server has read up to the last step."""
        for _ in range(120):
            curves = {tag: [(step, value)
                            for _, step, value in self.get("scalars", run=run, tag=tag)]
                      for tag in self.get("tags").get(run, ())}
            train = [curve for tag, curve in curves.items() if tag.startswith("train/")]
            if train and all(curve and curve[-1][0] == last for curve in train):
                return curves
            time.sleep(0.5)
        sys.exit(f"check-report: TensorBoard's server shows no step {last} of {run}")


def main():
    folders = [folder.rstrip("/") for folder in sys.argv[1:]]
    require(folders, "no folders of runs")
    wanted = {folder: expected(folder) for folder in folders}
    for folder, want in wanted.items():
        compare(f"{folder}, read", want, by_reader(folder))
    for fast in ("true", "false"):
        with Server(os.path.dirname(os.path.abspath(folders[0])), fast) as server:
            for folder, want in wanted.items():
                got = server.curves(os.path.basename(folder), max(want["train/loss"]))
                compare(f"{folder}, served", want, got)
    steps = sum(len(want["train/loss"]) for want in wanted.values())
    print(f"check-report: TensorBoard shows the {steps} steps of {len(folders)} runs as logged")


if __name__ == "__main__":
    main()
