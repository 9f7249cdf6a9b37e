"""From package lists to (synopsis, description) pairs, by rules that keep the task honest.

A synopsis must not be found by copied words or copied boilerplate: every rule here removes a way
to cheat, or a package whose description says nothing of its own.
"""

import collections
import hashlib
import re

MINIMUM_SYNOPSIS_WORDS = 3
MINIMUM_WORDS = 40
SHARED_PARAGRAPH_SOURCES = 3
OPENING_WORDS = 12

DULL_SECTIONS = {"libs", "libdevel", "oldlibs", "doc", "debug", "metapackages", "tasks"}
DULL_NAME = re.compile(r"-(dev|doc|docs|dbg|dbgsym|prof)$")
DULL_SYNOPSIS = re.compile(
    r"transitional|dummy package|meta-?\s?package|debug(ging)? symbols", re.IGNORECASE)
DULL_TEXT = re.compile(
    r"\btransitional (dummy )?package|\bdummy package|\bmeta-?\s?package|\bempty package"
    r"|can (be )?safely (be )?removed", re.IGNORECASE)

WORD = re.compile(r"\w+")
SPACE = re.compile(r"\s+")
VERSION = re.compile(r"[-_.+]?v?\d[\d.+~]*(?=$|[-_])")
LEADING_NAME = re.compile(r"^[A-Za-z0-9][\w.+-]*( [\w.+-]+)?:\s+")

Pair = collections.namedtuple("Pair", "source package synopsis text")


def paragraphs(description):
    """Paragraphs of a Description field's extended lines, each on one line of single spaces."""
    blocks = re.split(r"\n \.[ \t]*(?=\n|$)", description)
    return [text for text in (SPACE.sub(" ", block).strip() for block in blocks) if text]


def family(source):
    """The source name without version numbers: gcc-12 and gcc-11 are one family, gcc."""
    return VERSION.sub("", source).strip("-_.+") or source


def is_dull(package):
    """Transitional, meta, documentation, development, library and debug packages."""
    section = package["section"].rpartition("/")[2]
    return bool(
        section in DULL_SECTIONS
        or DULL_NAME.search(package["name"])
        or DULL_SYNOPSIS.search(package["synopsis"])
        or DULL_TEXT.search(" ".join(package["paragraphs"])))


def shared_paragraphs(packages):
    """Paragraphs that stand under three or more sources: boilerplate, not description."""
    sources = collections.defaultdict(set)
    for package in packages:
        for paragraph in package["paragraphs"]:
            sources[paragraph.lower()].add(package["source"])
    return {text for text, names in sources.items() if len(names) >= SHARED_PARAGRAPH_SOURCES}


def without_synopsis(text, package):
    """The description without the synopsis's words in their order and a leading "name:"."""
    words = WORD.findall(package["synopsis"])
    if words:
        copied = r"\W+".join(map(re.escape, words))
        text = re.sub(rf"(?<!\w){copied}(?!\w)[.:;,]?", " ", text, flags=re.IGNORECASE)
    text = SPACE.sub(" ", text).lstrip(" .,;:-").rstrip()
    return LEADING_NAME.sub("", text, count=1).strip()


def one_per_source(packages):
    """The binary that stands for its source: its namesake, else the longest description."""
    def rank(package):
        words = sum(map(len, package["paragraphs"]))
        return (package["name"] != package["source"], -words, package["name"])

    best = {}
    for package in packages:
        held = best.get(package["source"])
        if held is None or rank(package) < rank(held):
            best[package["source"]] = package
    return [best[source] for source in sorted(best)]


def only_unique(pairs, key):
    """Pairs whose key no other source has."""
    counts = collections.Counter(map(key, pairs))
    return [pair for pair in pairs if counts[key(pair)] == 1]


def word_key(text, limit=None):
    """The first words of a text in lower case, without punctuation."""
    return tuple(WORD.findall(text.lower())[:limit])


def make_pairs(packages):
    """Pairs from packages ({name, source, section, synopsis, paragraphs}), and what was kept."""
    chosen = one_per_source([package for package in packages if not is_dull(package)])
    boilerplate = shared_paragraphs(chosen)
    pairs = []
    for package in chosen:
        kept = [text for text in package["paragraphs"] if text.lower() not in boilerplate]
        text = without_synopsis(" ".join(kept), package)
        if (len(word_key(package["synopsis"])) >= MINIMUM_SYNOPSIS_WORDS
                and len(word_key(text)) >= MINIMUM_WORDS):
            pairs.append(Pair(package["source"], package["name"], package["synopsis"], text))
    counts = {"packages": len(packages), "sources": len(chosen), "long enough": len(pairs)}
    pairs = only_unique(pairs, lambda pair: word_key(pair.synopsis))
    pairs = only_unique(pairs, lambda pair: word_key(pair.text, OPENING_WORDS))
    return pairs, counts


def hash_of(name):
    """A fixed number in 0..<2^64 for a name."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big")


def split_of(source):
    """train, dev or test (85, 5, 10 %), the same for all sources of a family."""
    share = hash_of(family(source)) % 10_000
    return "train" if share < 8_500 else "dev" if share < 9_000 else "test"


def slice_of(pairs, size):
    """`size` whole pairs by hash order, the splits in the proportion they have in `pairs`."""
    by_split = {"train": [], "dev": [], "test": []}
    for pair in sorted(pairs, key=lambda pair: hash_of("slice " + pair.source)):
        by_split[split_of(pair.source)].append(pair)
    taken = {split: size * len(by_split[split]) // len(pairs) for split in ("dev", "test")}
    taken["train"] = size - taken["dev"] - taken["test"]
    kept = {pair for split, rows in by_split.items() for pair in rows[: taken[split]]}
    return [pair for pair in pairs if pair in kept]
