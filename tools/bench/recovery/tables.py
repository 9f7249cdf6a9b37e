"""The tables of tools/bench/recovery/run."""

from statistics import fmean

from records import grouped, spread


def recovery(record):
    """(corrected - stale) / (re-encoded - stale) of MRR@10; without stale vectors it counts as 0."""
    stale = record["mrr"].get("stale", 0)
    return (record["mrr"]["corrected"] - stale) / (record["mrr"]["re-encoded"] - stale)


def recovery_table(records):
    """What comes back, by case and sample; seconds as ratios of encoding everything."""
    print("| drift | old encoder | stale | re-encoded | sample | corrected | **recovery** | "
          "predicted | by | advice | encoding / refresh | encoding / applying |")
    print("|---|---|---|---|---|---|---|---|---|---|---|---|")
    for (case, sample), own in grouped(records, "case", "sample").items():
        first = own[0]["mrr"]
        names = sorted({record["kind"] for record in own})
        advice = sorted({record["advice"] or "" for record in own})
        stale = f"{first['stale']:.4f}" if "stale" in first else ""
        print(f"| {case} | {first['old encoder']:.4f} | {stale} | "
              f"{first['re-encoded']:.4f} | {sample} | "
              f"{spread(r['mrr']['corrected'] for r in own)} | "
              f"**{spread(map(recovery, own), '{:.2f}')}** | "
              f"{fmean(r['predicted recovery'] for r in own):.2f} | {', '.join(names)} | "
              f"{', '.join(advice)} | {fmean(r['encode cpu'] / r['cpu'] for r in own):.1f} | "
              f"{fmean(r['re-encode seconds'] / max(r['apply seconds'], 1e-9) for r in own):.0f} |")
    print()


def covered(records):
    """How often the truth lies inside the predicted interval, and how far predictions are off."""
    print("| figure | runs | inside its 95% interval | truth below it | above it | "
          "predicted − true, mean | largest |")
    print("|---|---|---|---|---|---|---|")
    for name in ("cosine", "kl", "neighbours@10", "recall@10"):
        pairs = [(record["quality"][name], record["true"][name]) for record in records
                 if name in record["quality"]]
        if not pairs:
            continue
        below = sum(true < low for (low, _, high), true in pairs)
        above = sum(true > high for (low, _, high), true in pairs)
        off = [estimate - true for (_, estimate, _), true in pairs]
        print(f"| {name} | {len(pairs)} | {len(pairs) - below - above} "
              f"({(len(pairs) - below - above) / len(pairs):.0%}) | {below} | {above} | "
              f"{fmean(off):+.4f} | {max(off, key=abs):+.4f} |")
