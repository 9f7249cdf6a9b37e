"""Who is measured, what each needs, and how its worker is started."""

import dataclasses
import importlib.metadata
import importlib.util
import os
import subprocess

from processes import Worker, environment, once, python

REFERENCE = "sentence-transformers"


@dataclasses.dataclass(frozen=True)
class Peer:
    """A Python library, its packages, and the format of the model it reads."""

    name: str
    precision: str
    packages: tuple
    format: str = None

    @property
    def tuned(self):
        return self.name != REFERENCE


PEERS = (
    Peer(REFERENCE, "fp32", ("sentence-transformers", "torch")),
    Peer("torch", "fp32", ("torch", "transformers")),
    Peer("onnxruntime", "fp32", ("onnxruntime",), "onnx-fused"),
    Peer("ctranslate2", "fp32", ("ctranslate2",), "ct2"),
    Peer("openvino", "fp32", ("openvino",), "openvino"),
    Peer("onnxruntime-int8", "int8", ("onnxruntime",), "onnx-int8"),
    Peer("ctranslate2-int8", "int8", ("ctranslate2",), "ct2-int8"),
)


@dataclasses.dataclass(frozen=True)
class Freshet:
    """The command `freshet` at one precision."""

    name: str
    precision: str
    option: tuple = ()
    packages = ()
    tuned = False


@dataclasses.dataclass(frozen=True)
class Job:
    """One text set on some threads: what every contestant is given."""

    set: str
    role: str
    texts: str
    threads: int
    singles: int = 500


def missing_packages(peer):
    return [name for name in peer.packages
            if importlib.util.find_spec(name.replace("-", "_")) is None]


def versions(contestants):
    """{package: version} of what is measured."""
    names = {name for contestant in contestants for name in contestant.packages}
    return {name: importlib.metadata.version(name) for name in sorted(names | {"tokenizers"})}


def freshet_forms(command):
    """(the forms of `freshet` this build offers, whether it has `bench`)."""
    done = subprocess.run([command, "bench", "--help"], capture_output=True, text=True, check=False)
    has_bench = done.returncode == 0 and "--interactive" in done.stdout
    forms = [Freshet("freshet", "fp32")]
    if has_bench and "--precision" in done.stdout:
        forms = [
            Freshet("freshet", "fp32", ("--precision", "float32")),
            Freshet("freshet-int16", "int16", ("--precision", "int16"))]
    return forms, has_bench


class EmbedRuns:
    """`freshet embed` for builds without `freshet bench`: a process for every pass.

    It is not warm, does not tell its CPU time or memory, and cannot answer `latency`.
    """

    def __init__(self, name, command, log):
        self.name, self.command, self.log = name, command, log

    def ask(self, line):
        if line != "encode":
            return None
        report = once(self.name, self.command, self.log)
        return report | {"cpuSeconds": None, "peakBytes": None}

    def stop(self):
        """Nothing runs between passes."""


class Field:
    """Starts contestants on a job: knows the command, the model and the work folder."""

    def __init__(self, freshet, has_bench, model, work):
        self.freshet, self.has_bench = freshet, has_bench
        self.model, self.work, self.paths = model, work, {}

    def convert(self, peer):
        """Makes the peer's format of the model, unless an earlier run has."""
        if peer.packages and peer.format:
            done = python("convert", "--model", self.model, "--work",
                          os.path.join(self.work, "formats"), "--format", peer.format)
            log = self._file(f"convert-{peer.format}.log")
            with open(log, "w", encoding="utf-8") as errors:
                out = subprocess.run(done, stdout=subprocess.PIPE, stderr=errors, text=True,
                                     cwd=os.path.dirname(os.path.abspath(__file__)), check=False)
            if out.returncode != 0:
                return f"no {peer.format}, see {log}"
            self.paths[peer.name] = out.stdout.strip().splitlines()[-1]
        return None

    def vectors(self, contestant, job):
        """Where the embeddings of the contestant's pass are."""
        return self._file(f"{contestant.name}-{job.set}-{job.threads}.npy")

    def tune(self, peer, job, texts):
        """{"setting", "tried"}: the fastest way to feed the peer, on a part of the texts."""
        return once(peer.name, self._peer(peer, job, "--tune", texts),
                    self._log(peer, job, "tune"), environment(job.threads))

    def start(self, contestant, job, setting):
        """A worker that is loaded and warm."""
        log = self._log(contestant, job, "run")
        if isinstance(contestant, Peer):
            extra = ("--setting", setting) if setting else ()
            worker = Worker(contestant.name, self._peer(contestant, job, *extra), log,
                            environment(job.threads))
        elif self.has_bench:
            worker = Worker(contestant.name, self._bench(contestant, job), log)
        else:
            return EmbedRuns(contestant.name, self._embed(contestant, job), log)
        worker.read()
        return worker

    def _peer(self, peer, job, *extra):
        path = self.paths.get(peer.name)
        return python(
            "encode", "--peer", peer.name, "--model", self.model, "--texts", job.texts,
            "--threads", job.threads, "--singles", job.singles, "--out", self.vectors(peer, job),
            *(("--path", path) if path else ()), *extra)

    def _common(self, verb, contestant, job):
        return [
            self.freshet, verb, "--encoder", self.model, "--texts", job.texts, "--as", job.role,
            "--threads", str(job.threads), "--out", self.vectors(contestant, job), "--json"]

    def _bench(self, contestant, job):
        return self._common("bench", contestant, job) + [
            "--interactive", "--singles", str(job.singles), *contestant.option]

    def _embed(self, contestant, job):
        return self._common("embed", contestant, job)

    def _log(self, contestant, job, what):
        return self._file(f"{contestant.name}-{job.set}-{job.threads}-{what}.log")

    def _file(self, name):
        return os.path.join(self.work, name)
