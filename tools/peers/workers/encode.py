"""One peer in a process of its own: loads, warms up, answers the lines of `protocol`.

  python -m workers.encode --peer openvino --model all-MiniLM-L6-v2 --path /tmp/peers/openvino \\
    --texts questions.jsonl --threads 2 --setting batch=32,lanes=1 --out vectors.npy

With --tune it only tries the settings on the first texts, and answers {"setting", "tried"}.
"""

import argparse
import json
import os

from workers import backends, batching, protocol
from workers.folder import ModelFolder

RUNS = {
    "torch": backends.torch_sdpa,
    "onnxruntime": backends.onnxruntime,
    "onnxruntime-int8": backends.onnxruntime,
    "openvino": backends.openvino,
    "ctranslate2": lambda *given: backends.ctranslate2(*given, compute_type="float32"),
    "ctranslate2-int8": lambda *given: backends.ctranslate2(*given, compute_type="int8"),
}


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peer", required=True, choices=["sentence-transformers", *RUNS])
    parser.add_argument("--model", required=True, help="sentence-transformers folder")
    parser.add_argument("--path", help="the peer's own format of the model (workers.convert)")
    parser.add_argument("--texts", required=True, help='JSON Lines with "text"')
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--setting", default="batch=32,lanes=1", type=batching.Setting.parse)
    parser.add_argument("--singles", type=int, default=500, help="texts of a latency answer")
    parser.add_argument("--out", help="NumPy file for the embeddings of a pass")
    parser.add_argument("--tune", type=int, default=0, metavar="TEXTS", help="only try settings")
    return parser.parse_args()


def encoder(args, folder, setting):
    """A function from texts to unit vectors, rows in the texts' order."""
    if args.peer == "sentence-transformers":
        return backends.sentence_transformers(folder, args.threads)
    run = RUNS[args.peer](folder, args.path, args.threads, setting.lanes)
    return batching.SortedEncoder(folder.tokenizer(), run, setting)


def tune(args, folder, texts):
    """Tries each setting on texts spread over the list: best of two passes after a warm one."""
    sample = texts[:: max(1, len(texts) // args.tune)][: args.tune]
    tried = {}
    for setting in batching.candidates(args.threads):
        encode = encoder(args, folder, setting)
        encode(sample)
        tried[str(setting)] = min(protocol.timed_pass(encode, sample)[0] for _ in range(2))
    return {"setting": min(tried, key=tried.get), "tried": tried}


def main():
    args = arguments()
    stream = protocol.answers_only()
    os.environ.update(HF_HUB_OFFLINE="1", TRANSFORMERS_VERBOSITY="error")
    folder = ModelFolder(args.model)
    with open(args.texts, encoding="utf-8") as file:
        texts = [json.loads(line)["text"] for line in file]
    if args.tune:
        return protocol.answer(stream, tune(args, folder, texts))
    # Counted apart from any timing, by the same code for every peer.
    whole = folder.tokenizer(maximum_length=1 << 20)
    lengths = [len(encoding.ids) for encoding in whole.encode_batch_fast(texts)]
    encode = encoder(args, folder, args.setting)
    protocol.serve(
        stream, encode, texts, lengths, folder.maximum_length, args.singles, args.out)


if __name__ == "__main__":
    main()
