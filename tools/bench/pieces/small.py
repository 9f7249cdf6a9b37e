"""Small encoders from random weights, warmed by in-batch training, that runs to be compared begin
with; and training them on."""

import json
import os
import shutil

from command import answer, command
from runs import read_qrels, reciprocal_ranks

IN_BATCH = ["--negatives", "in-batch"]
CORRECTOR = ["correct-every", "corrector-width", "corrector-rate", "corrector-steps"]
QUERY_LENGTH = 24


def add_arguments(parser):
    """What the functions below read."""
    parser.add_argument("--freshet", required=True, help="the command")
    parser.add_argument("--like", required=True, help="encoder whose tokenizer is taken")
    parser.add_argument("--data", required=True, help="BEIR folder with train and test qrels")
    parser.add_argument("--work", required=True, help="folder for encoders and results")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--steps", type=int, default=400)
    parser.add_argument("--warm-steps", type=int, default=100, help="in-batch steps before all arms")
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--sampled-negatives", type=int, default=8)
    parser.add_argument("--learning-rate", type=float, default=1e-3)
    parser.add_argument("--layers", type=int, default=2)
    parser.add_argument("--hidden", type=int, default=128)
    parser.add_argument("--max-passage-length", type=int, default=96)
    for option in CORRECTOR:
        parser.add_argument(f"--{option}", help="of the corrected arm, as freshet train has it")
    parser.add_argument("--threads", type=int, default=2)


def train(args, start, out, seed, steps, *options, checkpoint_every=0):
    """The last line of freshet train."""
    return answer(
        args.freshet, "train", "--data", args.data, "--from", start, "--out", out, "--steps", steps,
        "--batch", args.batch, "--learning-rate", args.learning_rate, "--max-query-length",
        QUERY_LENGTH, "--max-passage-length", args.max_passage_length, "--seed", seed,
        "--checkpoint-every", checkpoint_every, "--threads", args.threads, *options)


def start(args, seed):
    """The folder of the encoder that all arms of a seed begin with; made when missing."""
    data = os.path.basename(os.path.normpath(args.data))
    place = lambda kind, steps: os.path.join(
        args.work, f"{kind}-{args.layers}x{args.hidden}-{data}-b{args.batch}-r{args.learning_rate}-"
        f"s{seed}-w{steps}")
    warm = place("start", args.warm_steps)
    if os.path.exists(warm):
        return warm
    cold = place("start", 0)
    if not os.path.exists(cold):
        command(
            args.freshet, "new-encoder", "--like", args.like, "--layers", args.layers, "--hidden",
            args.hidden, "--heads", 4, "--seed", seed, "--out", cold)
    if args.warm_steps:
        for leftover in (".training", ".log"):
            shutil.rmtree(warm + leftover, ignore_errors=True)
        train(args, cold, warm, seed, args.warm_steps, *IN_BATCH)
    return warm


def corrector_options(args):
    """Of freshet train: those of the corrector that were given."""
    given = ((option, getattr(args, option.replace("-", "_"))) for option in CORRECTOR)
    return [word for option, value in given if value is not None for word in (f"--{option}", value)]


def in_data(args, *names):
    """A file of the data, perhaps compressed."""
    path = os.path.join(args.data, *names)
    return path if os.path.exists(path) else path + ".gz"


def collection(args, encoder, name):
    """A new collection of all passages by an encoder; its folder."""
    place = os.path.join(args.work, name)
    shutil.rmtree(place, ignore_errors=True)
    command(args.freshet, "add", place, in_data(args, "corpus.jsonl"))
    command(args.freshet, "encode", place, "--encoder", encoder, "--threads", args.threads)
    return place


def evaluated(args, encoder):
    """What the test queries find, searched exactly: metrics, and reciprocal ranks by query."""
    place, run = collection(args, encoder, "c.freshet"), os.path.join(args.work, "run.trec")
    qrels = os.path.join(args.data, "qrels", "test.tsv")
    found = json.loads(command(
        args.freshet, "eval", place, "--queries", in_data(args, "queries.jsonl"), "--qrels", qrels,
        "--exact", "--run", run, "--json"))
    return {"metrics": found["metrics"], "mrr": reciprocal_ranks(run, read_qrels(qrels))}
