"""Writing a retrieval set as a folder in BEIR layout, whole or not at all."""

import json
import os
import tempfile

from . import pairs as rules

README = """\
# Debian package descriptions as a retrieval set

Queries are the synopses of Debian packages, passages their long descriptions, from the English
package lists of Debian {suite} main ({date}). Made by Freshet's `tools/debian-pairs`; the texts
carry the licences of their packages (Debian distributes them as free software documentation).

{passages} passages; queries train {train}, dev {dev}, test {test}; {kept}.

Rules: one binary per source package; no transitional, meta, -doc, -dev, library, debug or
profiling packages; paragraphs under three or more sources dropped; the synopsis and a leading
"name:" cut out of the description; no title; at least {synopsis_words} synopsis words and
{words} words left; sources that share synopsis or opening ({opening} words) dropped; split
by a hash of the source name without its version, so that families stay on one side.
"""


def write_json_lines(path, rows):
    with open(path, "w", encoding="utf-8") as file:
        for row in rows:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def query_id(pair):
    """Never equal to a passage's id: BEIR's rule leaves out a passage with the query's id."""
    return "q:" + pair.source


def write_qrels(folder, pairs):
    """qrels/{train,dev,test}.tsv; returns the number of queries of each."""
    os.makedirs(os.path.join(folder, "qrels"))
    counts = {}
    for split in ("train", "dev", "test"):
        rows = [pair for pair in pairs if rules.split_of(pair.source) == split]
        with open(os.path.join(folder, "qrels", split + ".tsv"), "w", encoding="utf-8") as file:
            file.write("query-id\tcorpus-id\tscore\n")
            file.writelines(f"{query_id(pair)}\t{pair.source}\t1\n" for pair in rows)
        counts[split] = len(rows)
    return counts


def fill(folder, pairs, meta):
    """Writes every file of the set into an empty folder; returns the completed meta."""
    write_json_lines(
        os.path.join(folder, "corpus.jsonl"),
        ({"_id": pair.source, "title": "", "text": pair.text} for pair in pairs))
    write_json_lines(
        os.path.join(folder, "queries.jsonl"),
        ({"_id": query_id(pair), "text": pair.synopsis} for pair in pairs))
    counts = write_qrels(folder, pairs)
    meta = {**meta, "passages": len(pairs), "queries": counts}
    kept = "a fixed slice by hash" if meta["slice"] else "all pairs the rules leave"
    readme = README.format(
        suite=meta["suite"], date=meta["listsDate"], passages=len(pairs), kept=kept,
        synopsis_words=rules.MINIMUM_SYNOPSIS_WORDS, words=rules.MINIMUM_WORDS,
        opening=rules.OPENING_WORDS, **counts)
    with open(os.path.join(folder, "README.md"), "w", encoding="utf-8") as file:
        file.write(readme)
    with open(os.path.join(folder, "meta.json"), "w", encoding="utf-8") as file:
        json.dump(meta, file, indent=2)
        file.write("\n")
    return meta


def place(destination, pairs, meta):
    """Builds the set beside `destination` and moves it there; an older set is replaced."""
    parent = os.path.dirname(os.path.abspath(destination))
    os.makedirs(parent, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".debian-pairs-", dir=parent) as work:
        fresh = os.path.join(work, "new")
        os.mkdir(fresh)
        meta = fill(fresh, pairs, meta)
        if os.path.exists(destination):
            os.rename(destination, os.path.join(work, "old"))
        os.rename(fresh, destination)
    return meta


def read_meta(folder):
    """The meta of a set made earlier, or None where there is none."""
    try:
        with open(os.path.join(folder, "meta.json"), encoding="utf-8") as file:
            return json.load(file)
    except (FileNotFoundError, NotADirectoryError, json.JSONDecodeError):
        return None


def read_json_lines(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def read_pairs(folder, split):
    """All passages' texts, and (query text, row of its passage) of one split."""
    passages = read_json_lines(os.path.join(folder, "corpus.jsonl"))
    rows = {passage["_id"]: row for row, passage in enumerate(passages)}
    texts = {row["_id"]: row["text"] for row in read_json_lines(f"{folder}/queries.jsonl")}
    with open(os.path.join(folder, "qrels", split + ".tsv"), encoding="utf-8") as file:
        next(file)
        judged = [line.split("\t")[:2] for line in file]
    return [p["text"] for p in passages], [(texts[q], rows[p]) for q, p in judged]
