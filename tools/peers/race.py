"""Rounds in which each contestant has its turn, and what they come to."""

import statistics
import sys

import numpy as np

from processes import ProgramFailed


def note(text):
    print(f"encode_speed: {text}", file=sys.stderr, flush=True)


class Race:
    """Rounds in which each contestant has its turn; who fails is out, and remembered."""

    def __init__(self, field, contestants, rounds):
        self.field, self.contestants, self.rounds = field, contestants, rounds
        self.failed = {}

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
        """{name: [answer of each round]}; a contestant is started at its first turn."""
        workers, answers = {}, {}
        try:
            for number in range(self.rounds):
                for contestant in self.contestants:
                    answer = self._turn(contestant, job, settings, command, workers)
                    if answer:
                        answers.setdefault(contestant.name, []).append(answer)
                note(f"{command}, {job.set}, {job.threads} threads: "
                     f"round {number + 1} of {self.rounds} done")
        finally:
            for worker in workers.values():
                worker.stop()
        return {name: given for name, given in answers.items() if name not in self.failed}

    def _turn(self, contestant, job, settings, command, workers):
        """The contestant's answer, or None when it has failed now or before."""
        name = contestant.name
        if name not in self.failed and name not in workers:
            workers[name] = self._try(
                contestant, lambda: self.field.start(contestant, job, settings.get(name)))
            if workers[name] is None:
                del workers[name]
        if name in self.failed:
            return None
        return self._try(contestant, lambda: workers[name].ask(command))


def summary(contestant, answers, setting, vectors, reference, tokens, tolerance):
    """One contestant's figures on one job; `refused` says why it gets none."""
    last, seconds = answers[-1], [answer["seconds"] for answer in answers]
    cpu = [answer["cpuSeconds"] for answer in answers]
    result = {
        "precision": contestant.precision, "setting": setting, "texts": last["texts"],
        "tokens": last["tokens"], "truncated": last["truncated"], "seconds": seconds,
        "cpuSeconds": cpu, "tokensPerSecond": last["tokens"] / statistics.median(seconds),
        "coresBusy": sum(cpu) / sum(seconds) if all(cpu) else None,
        "tokensPerCPUSecond": last["tokens"] / statistics.median(cpu) if all(cpu) else None,
        "peakMegabytes": last["peakBytes"] / 1e6 if last["peakBytes"] else None,
        "maxAbsDifference": float(np.abs(vectors - reference).max()),
        "minCosine": float((vectors * reference).sum(1).min())}
    if last["tokens"] != tokens:
        result["refused"] = f"counts {last['tokens']} tokens, not {tokens}"
    elif contestant.precision == "fp32" and not result["maxAbsDifference"] <= tolerance:
        result["refused"] = f"differs by {result['maxAbsDifference']:.1e}"
    elif not np.isfinite(vectors).all():
        result["refused"] = "has values that are no numbers"
    return result
