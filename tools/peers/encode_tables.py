"""The results of `encode_speed.py` as Markdown."""

import statistics

REFERENCES = ("sentence-transformers", "openvino")


def median_ratio(result, other):
    """Median over rounds of the ratio within a round; None without the other."""
    if other is None or other.get("refused"):
        return None
    return statistics.median(b / a for a, b in zip(result["seconds"], other["seconds"]))


def table(header, rows):
    lines = ["| " + " | ".join(cells) + " |" for cells in [header, *rows]]
    return "\n".join([lines[0], "|" + "---|" * len(header), *lines[1:]])


def speed_cell(results, name, key):
    """Tokens per second, and the ratios to both references."""
    result = results.get((name, *key))
    if result is None:
        return ""
    if result.get("refused"):
        return "refused: " + result["refused"]
    ratios = [median_ratio(result, results.get((other, *key))) for other in REFERENCES]
    shown = " · ".join("-" if ratio is None else f"{ratio:.2f}" for ratio in ratios)
    return f"{result['tokensPerSecond']:,.0f} ({shown})"


def worst(results, name, field, choose):
    """The least favourable value over all text sets and threads, of those that have one."""
    values = [result[field] for (who, *_), result in results.items()
              if who == name and result.get(field) is not None]
    return choose(values) if values else None


def show(value, form):
    return "" if value is None else form.format(value)


def throughput(results):
    """`results`: {(name, set, threads): result}. One row per contestant."""
    names = list(dict.fromkeys(name for name, *_ in results))
    keys = list(dict.fromkeys(tuple(key) for _, *key in results))
    header = ["tokens/s (ratio to sentence-transformers · to OpenVINO)", "precision",
              *(f"{texts}, {threads} thr" for texts, threads in keys),
              "peak MB", "max abs diff", "min cosine"]
    rows = []
    for name in names:
        precision = next(r["precision"] for (who, *_), r in results.items() if who == name)
        rows.append([
            name, precision, *(speed_cell(results, name, key) for key in keys),
            show(worst(results, name, "peakMegabytes", max), "{:,.0f}"),
            show(worst(results, name, "maxAbsDifference", max), "{:.1e}"),
            show(worst(results, name, "minCosine", min), "{:.7f}")])
    return table(header, rows)


def settings(results):
    """How each tuned peer was fed, the cores it got, and tokens per second of their time.

    Fewer cores busy than threads: a busy machine. More: a peer that took what was not its own.
    """
    rows = [[name, texts, str(threads), result["setting"] or "its own",
             show(result["coresBusy"], "{:.2f}"), show(result["tokensPerCPUSecond"], "{:,.0f}")]
            for (name, texts, threads), result in results.items()]
    return table(
        ["", "texts", "threads", "setting kept", "cores busy", "tokens per CPU second"], rows)


def latencies(results):
    """`results`: {(name, threads): answer}. p50 and p99 in milliseconds."""
    names = list(dict.fromkeys(name for name, _ in results))
    threads = sorted({count for _, count in results})
    rows = []
    for name in names:
        answers = [results.get((name, count)) for count in threads]
        rows.append([name, *(
            f"{a['p50Milliseconds']:.2f} · {a['p99Milliseconds']:.2f}" if a else ""
            for a in answers)])
    return table(["ms, p50 · p99", *(f"{count} thr" for count in threads)], rows)
