"""One search by Python from nothing: import, load the model, read the vectors, encode, search.

  python -m workers.search --way numpy --model all-MiniLM-L6-v2 --index vectors.npy \\
    --passages passages.jsonl "who wrote it"

  numpy   sentence-transformers, np.load (memory-mapped) and one product with all vectors
  faiss   sentence-transformers and faiss.read_index of an HNSW index
  onnx    ONNX Runtime and tokenizers alone (no PyTorch), vectors as with numpy

Prints the best passages, their texts too, as `freshet search` does.
"""

import argparse
import json
import os


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("text", help="the question")
    parser.add_argument("--way", choices=["numpy", "faiss", "onnx"], required=True)
    parser.add_argument("--model", required=True, help="sentence-transformers folder")
    parser.add_argument("--graph", help="ONNX graph that pools (workers.convert)")
    parser.add_argument("--index", required=True, help="vectors.npy or index.faiss")
    parser.add_argument("--passages", required=True, help="JSON Lines in the vectors' order")
    parser.add_argument("-k", type=int, default=10)
    return parser.parse_args()


def encode(args):
    """The question's unit vector, (1, dimension)."""
    if args.way == "onnx":
        from workers import backends
        from workers.batching import Setting, SortedEncoder
        from workers.folder import ModelFolder

        run = backends.onnxruntime(None, args.graph, os.cpu_count(), 1)
        tokenizer = ModelFolder(args.model).tokenizer()
        return SortedEncoder(tokenizer, run, Setting(batch=1))([args.text])
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(args.model, device="cpu")
    return model.encode([args.text], normalize_embeddings=True, show_progress_bar=False)


def search(args, query):
    """[(score, row)] best first."""
    if args.way == "faiss":
        import faiss

        scores, rows = faiss.read_index(args.index).search(query, args.k)
        return list(zip(scores[0], rows[0]))
    import numpy as np

    scores = np.load(args.index, mmap_mode="r") @ query[0]
    best = np.argpartition(-scores, args.k - 1)[: args.k]
    return [(scores[row], row) for row in best[np.argsort(-scores[best])]]


def main():
    args = arguments()
    os.environ["HF_HUB_OFFLINE"] = "1"
    found = search(args, encode(args))
    wanted = {int(row) for _, row in found}
    with open(args.passages, encoding="utf-8") as file:
        passages = {row: json.loads(line) for row, line in enumerate(file) if row in wanted}
    for score, row in found:
        print(f"{score:.4f}\t{passages[int(row)]['_id']}\t{passages[int(row)]['text'][:80]}")


if __name__ == "__main__":
    main()
