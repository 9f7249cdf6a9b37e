"""Starting the programs that are measured, each in a process of its own, and asking them."""

import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))


class ProgramFailed(Exception):
    """A program ended or answered nonsense; the message says which, and its last words."""


def environment(threads):
    """This environment, with the libraries' own thread pools held to `threads`."""
    pools = ("OMP", "MKL", "OPENBLAS", "RAYON")
    return os.environ | {f"{pool}_NUM_THREADS": str(threads) for pool in pools} | {
        "TOKENIZERS_PARALLELISM": "true" if threads > 1 else "false",
        "HF_HUB_OFFLINE": "1", "TRANSFORMERS_VERBOSITY": "error"}


def python(module, *options):
    """The command of a program of the folder `workers`."""
    return [sys.executable, "-m", f"workers.{module}", *map(str, options)]


def last_words(path):
    """The last line of a log that says something."""
    with open(path, encoding="utf-8", errors="replace") as file:
        lines = [line.strip() for line in file if line.strip()]
    return lines[-1] if lines else "it said nothing"


class Worker:
    """A running program that answers each line it is sent with one line of JSON."""

    def __init__(self, name, command, log, env=None):
        self.name, self.log = name, log
        with open(log, "w", encoding="utf-8") as errors:
            self.process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True,
                env=env, cwd=HERE)

    def read(self):
        """The next answer."""
        line = self.process.stdout.readline()
        try:
            return json.loads(line)
        except json.JSONDecodeError:
            self.process.kill()
            self.process.wait()
            said = line.strip() or last_words(self.log)
            raise ProgramFailed(f"{self.name}: {said} (more in {self.log})") from None

    def ask(self, command):
        try:
            self.process.stdin.write(command + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass  # read() tells why.
        return self.read()

    def stop(self):
        """Asks it to end, and waits."""
        try:
            self.process.communicate("quit\n", timeout=60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def once(name, command, log, env=None):
    """The last line of JSON of a program that runs to its end."""
    with open(log, "w", encoding="utf-8") as errors:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors, text=True,
            env=env, cwd=HERE, check=False)
    lines = done.stdout.strip().splitlines()
    if done.returncode != 0 or not lines:
        raise ProgramFailed(f"{name}: status {done.returncode}, {last_words(log)} (in {log})")
    return json.loads(lines[-1])
