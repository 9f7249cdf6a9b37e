"""Running the command under measurement."""

import json
import subprocess
import sys


def command(*words):
    """What it prints; the end of this program when it fails."""
    done = subprocess.run([str(word) for word in words], stdout=subprocess.PIPE, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, words))}: exit status {done.returncode}")
    return done.stdout


def answer(*words):
    """What it prints last, as JSON."""
    return json.loads(command(*words, "--json").splitlines()[-1])
