"""Training steps in PyTorch, as one would write them, over one batch of pairs.

  python -m workers.train --model all-MiniLM-L6-v2 --data pairs --method grad-cache --micro 8 \\
    --threads 2

InfoNCE with in-batch negatives, gradient clipping, AdamW with weight decay on matrices, a linear
schedule with warm-up. Texts are encoded in groups of --micro, sorted by length, padded within the
group. Says {"ready", "tokens"}; then answers each line `steps N` (N steps of a run that has N) with
{"seconds", "loss", "peakBytes"}, the loss being that of the last step before its update; `quit`.

  in-batch       activations of the whole batch are kept
  grad-cache     Gao et al. 2021: the same gradient in the memory of one group
  grad-cache-st  the same by sentence-transformers' CachedMultipleNegativesRankingLoss
  grad-accum     the loss within each group of pairs alone: fewer negatives, one pass
  cont-accum     Kim et al. 2024: grad-accum with a dual bank of --bank examples
"""

import argparse
import sys
import time

from beir import read_corpus, read_qrels, read_queries
from workers import protocol
from workers.folder import ModelFolder


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True, help="sentence-transformers folder")
    parser.add_argument("--data", required=True, help="BEIR folder whose pairs are the batch")
    parser.add_argument("--method", required=True, choices=[
        "in-batch", "grad-cache", "grad-cache-st", "grad-accum", "cont-accum"])
    parser.add_argument("--bank", type=int, default=0, help="examples in cont-accum's bank")
    parser.add_argument("--micro", type=int, default=32, help="texts encoded at once")
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--temperature", type=float, default=0.05)
    parser.add_argument("--learning-rate", type=float, default=2e-5)
    parser.add_argument("--max-query-length", type=int, default=32)
    parser.add_argument("--max-passage-length", type=int, default=128)
    return parser.parse_args()


def read_pairs(folder):
    """(queries, passages): the relevant passage of each query, as texts."""
    qrels = read_qrels(folder, "train")
    passages = dict(zip(*read_corpus(folder)))
    ids, queries = read_queries(folder, qrels)
    return queries, [passages[next(iter(qrels[query]))] for query in ids]


class Steps:
    """A model, its optimizer, and the one batch it is trained on."""

    def __init__(self, args):
        import torch
        from transformers import AutoModel

        torch.set_num_threads(args.threads)
        torch.manual_seed(1)
        folder = ModelFolder(args.model)
        self.torch, self.args = torch, args
        queries, passages = read_pairs(args.data)
        if args.method == "grad-cache-st":
            self._load_sentence_transformers(folder, queries, passages)
        else:
            self.model = AutoModel.from_pretrained(
                folder.path, attn_implementation="sdpa", add_pooling_layer=False).train()
        self.bank = None
        self.queries = self._tokens(folder, queries, args.max_query_length)
        self.passages = self._tokens(folder, passages, args.max_passage_length)
        self.tokens = sum(map(len, self.queries + self.passages))
        matrices = [p for p in self.model.parameters() if p.dim() > 1]
        vectors = [p for p in self.model.parameters() if p.dim() == 1]
        self.optimizer = torch.optim.AdamW(
            [{"params": matrices, "weight_decay": 0.01}, {"params": vectors, "weight_decay": 0.0}],
            lr=args.learning_rate, fused=True)

    def _load_sentence_transformers(self, folder, queries, passages):
        """The model and loss of sentence-transformers, and the batch as it tokenizes it."""
        from sentence_transformers import SentenceTransformer
        from sentence_transformers.losses import CachedMultipleNegativesRankingLoss

        self.model = SentenceTransformer(folder.path, device="cpu").train()
        self.st_loss = CachedMultipleNegativesRankingLoss(
            self.model, scale=1 / self.args.temperature, mini_batch_size=self.args.micro)
        self.st_batch = []
        for texts, length in (
                (queries, self.args.max_query_length), (passages, self.args.max_passage_length)):
            self.model.max_seq_length = length
            self.st_batch.append(self.model.tokenize(texts))

    @staticmethod
    def _tokens(folder, texts, length):
        return [e.ids for e in folder.tokenizer(length).encode_batch_fast(texts)]

    def groups(self, rows):
        """Indices of the rows in groups of --micro, longest first."""
        order = sorted(range(len(rows)), key=lambda i: -len(rows[i]))
        return [order[i : i + self.args.micro] for i in range(0, len(order), self.args.micro)]

    def embed(self, rows, group):
        """Unit vectors of the rows of a group, in its order."""
        torch = self.torch
        longest = max(len(rows[i]) for i in group)
        ids = torch.zeros(len(group), longest, dtype=torch.long)
        mask = torch.zeros(len(group), longest, dtype=torch.long)
        for place, index in enumerate(group):
            ids[place, : len(rows[index])] = torch.tensor(rows[index])
            mask[place, : len(rows[index])] = 1
        hidden = self.model(input_ids=ids, attention_mask=mask).last_hidden_state
        real = mask.unsqueeze(-1).to(hidden.dtype)
        return torch.nn.functional.normalize((hidden * real).sum(1) / real.sum(1), dim=1)

    def embed_all(self, rows, groups):
        """Unit vectors of all rows, in their own order."""
        torch = self.torch
        order = torch.tensor([index for group in groups for index in group])
        return torch.cat([self.embed(rows, group) for group in groups])[torch.argsort(order)]

    def loss(self, queries, passages):
        """Mean InfoNCE of each query against all passages; its own is the answer."""
        scores = queries @ passages.T / self.args.temperature
        return self.torch.nn.functional.cross_entropy(
            scores, self.torch.arange(len(queries)))

    def in_batch(self):
        sides = [self.embed_all(rows, self.groups(rows)) for rows in (self.queries, self.passages)]
        loss = self.loss(*sides)
        loss.backward()
        return loss.item()

    def grad_cache(self):
        torch = self.torch
        sides = [(rows, self.groups(rows)) for rows in (self.queries, self.passages)]
        random = torch.get_rng_state()
        with torch.no_grad():
            vectors = [self.embed_all(*side) for side in sides]
        for side in vectors:
            side.requires_grad_()
        loss = self.loss(*vectors)
        loss.backward()
        torch.set_rng_state(random)  # The second pass draws the dropout of the first.
        for (rows, groups), side in zip(sides, vectors):
            for group in groups:
                (self.embed(rows, group) * side.grad[group]).sum().backward()
        return loss.item()

    def grad_accum(self):
        total = 0.0
        for group in self.groups(self.passages):
            share = len(group) / len(self.passages)
            loss = share * self.loss(
                self.embed(self.queries, group), self.embed(self.passages, group))
            loss.backward()
            total += loss.item()
        return total

    def grad_cache_st(self):
        loss = self.st_loss([dict(side) for side in self.st_batch], None)
        loss.backward()
        return loss.item()

    def cont_accum(self):
        torch, total = self.torch, 0.0
        for group in self.groups(self.passages):
            share = len(group) / len(self.passages)
            sides = [self.embed(rows, group) for rows in (self.queries, self.passages)]
            banked = self.bank or [side[:0].detach() for side in sides]
            # The mean over all rows, those of the bank included, as in the paper.
            loss = share * self.loss(*(torch.cat(both) for both in zip(sides, banked)))
            loss.backward()
            total += loss.item()
            self.bank = [
                torch.cat([side.detach(), old])[: self.args.bank]
                for side, old in zip(sides, banked)]
        return total

    def run(self, count):
        """{"seconds", "loss"} of `count` steps, the whole of a run."""
        gradient = getattr(self, self.args.method.replace("-", "_"))
        warmup = -(-count // 10)
        started = time.perf_counter()
        for step in range(count):
            rise, fall = step / warmup, (count - step) / max(count - warmup, 1)
            for parameters in self.optimizer.param_groups:
                parameters["lr"] = self.args.learning_rate * (rise if step < warmup else fall)
            loss = gradient()
            self.torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
            self.optimizer.step()
            self.optimizer.zero_grad(set_to_none=True)
        return {"seconds": time.perf_counter() - started, "loss": loss}


def main():
    args = arguments()
    stream = protocol.answers_only()
    steps = Steps(args)
    protocol.answer(stream, {"ready": True, "tokens": steps.tokens})
    for line in sys.stdin:
        if line.strip() == "quit":
            return
        report = steps.run(int(line.split()[1]))
        protocol.answer(stream, report | {"peakBytes": protocol.peak_bytes()})


if __name__ == "__main__":
    main()
