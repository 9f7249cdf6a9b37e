"""The lines a worker answers, the same as `freshet bench --interactive`.

A worker loads, encodes all texts once to warm up, and says {"ready": true}. Then, for each line
of standard input, it answers with one JSON line:

  encode   {"seconds", "cpuSeconds", "tokens", "texts", "truncated", "peakBytes"}: one pass
  latency  {"count", "p50Milliseconds", "p99Milliseconds", "meanMilliseconds"}: single texts
  quit     ends it
"""

import json
import os
import sys
import time


def peak_bytes():
    """The most memory this process had resident at once, as the kernel counts it."""
    with open("/proc/self/status", encoding="ascii") as file:
        line = next(line for line in file if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024


def answers_only():
    """Keeps standard output for answers: what libraries print goes to standard error."""
    stream = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return stream


def answer(stream, value):
    """One line, seen at once also through a pipe."""
    stream.write(json.dumps(value) + "\n")
    stream.flush()


def percentile(ordered, percent):
    """The nearest-rank percentile of sorted values, as `freshet bench` takes it."""
    return ordered[(len(ordered) - 1) * percent // 100]


def timed_pass(encode, texts):
    """(seconds, CPU seconds of all threads, embeddings) of one pass over the texts."""
    started, cpu = time.perf_counter(), time.process_time()
    vectors = encode(texts)
    return time.perf_counter() - started, time.process_time() - cpu, vectors


def latency(encode, texts, count):
    """Texts encoded alone; beyond the list's end it starts at its beginning again."""
    milliseconds = sorted(
        1000 * timed_pass(encode, [texts[i % len(texts)]])[0] for i in range(count))
    return {
        "count": count, "p50Milliseconds": percentile(milliseconds, 50),
        "p99Milliseconds": percentile(milliseconds, 99),
        "meanMilliseconds": sum(milliseconds) / count}


def serve(stream, encode, texts, lengths, maximum_length, singles, out):
    """Answers commands until `quit` or the end of input; `out` gets the embeddings of a pass.

    `lengths` are the texts' real tokens before truncation, special tokens included.
    """
    import numpy as np

    counts = {
        "texts": len(texts), "tokens": sum(min(n, maximum_length) for n in lengths),
        "truncated": sum(n > maximum_length for n in lengths)}
    encode(texts)
    answer(stream, {"ready": True})
    for line in sys.stdin:
        command = line.strip()
        if command == "quit":
            return
        if command == "latency":
            answer(stream, latency(encode, texts, singles))
        elif command == "encode":
            seconds, cpu, vectors = timed_pass(encode, texts)
            peak = peak_bytes()
            np.save(out, vectors)
            answer(stream, {"seconds": seconds, "cpuSeconds": cpu, "peakBytes": peak} | counts)
        else:
            raise SystemExit(f"\"{command}\" is no command: encode, latency or quit")
