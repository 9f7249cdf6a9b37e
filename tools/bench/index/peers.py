"""The peers of tools/bench/index/run, each behind the same two verbs.

  peers.py NAME build VECTORS FILE                     one line of JSON: seconds, peak bytes
  peers.py NAME search VECTORS FILE QUERIES TRUTH K THREADS SINGLES ROUNDS EFFORT...
                                                       a line for each effort: recall, times
"""

import json
import os
import resource
import sys
import time

import numpy as np

LINKS, EF_CONSTRUCTION = 32, 100


class FaissGraph:
    recipe = "HNSW32"

    def build(self, vectors, threads):
        import faiss
        faiss.omp_set_num_threads(threads)
        index = faiss.index_factory(vectors.shape[1], self.recipe, faiss.METRIC_INNER_PRODUCT)
        self.graph(index).hnsw.efConstruction = EF_CONSTRUCTION
        if not index.is_trained:
            index.train(vectors[:: max(1, len(vectors) // 50000)])
        index.add(vectors)
        return index

    def graph(self, index):
        import faiss
        return faiss.downcast_index(index)

    def save(self, index, path):
        import faiss
        faiss.write_index(index, path)

    def load(self, path, vectors):
        import faiss
        self.faiss = faiss
        self.index = faiss.read_index(path)

    def prepare(self, effort, threads):
        self.faiss.omp_set_num_threads(threads)
        self.graph(self.index).hnsw.efSearch = effort

    def search(self, queries, k):
        return self.index.search(queries, k)[1]


class FaissCodes(FaissGraph):
    """8-bit codes in the graph and exact re-ranking: the nearest FAISS has to what we do."""
    recipe = "HNSW32_SQ8,RFlat"

    def graph(self, index):
        import faiss
        return faiss.downcast_index(faiss.downcast_index(index).base_index)

    def prepare(self, effort, threads):
        super().prepare(effort, threads)
        self.faiss.downcast_index(self.index).k_factor = 3


class FaissFlat(FaissGraph):
    recipe = "Flat"

    def build(self, vectors, threads):
        import faiss
        index = faiss.IndexFlatIP(vectors.shape[1])
        index.add(vectors)
        return index

    def prepare(self, effort, threads):
        self.faiss.omp_set_num_threads(threads)


class Hnswlib:
    def build(self, vectors, threads):
        import hnswlib
        index = hnswlib.Index(space="ip", dim=vectors.shape[1])
        index.init_index(max_elements=len(vectors), M=LINKS, ef_construction=EF_CONSTRUCTION)
        index.add_items(vectors, num_threads=threads)
        return index

    def save(self, index, path):
        index.save_index(path)

    def load(self, path, vectors):
        import hnswlib
        self.index = hnswlib.Index(space="ip", dim=vectors.shape[1])
        self.index.load_index(path)

    def prepare(self, effort, threads):
        self.index.set_ef(effort)
        self.index.set_num_threads(threads)

    def search(self, queries, k):
        return self.index.knn_query(queries, k=k)[0]


class Usearch:
    dtype = "f32"

    def build(self, vectors, threads):
        from usearch.index import Index
        index = Index(ndim=vectors.shape[1], metric="ip", dtype=self.dtype, connectivity=LINKS,
                      expansion_add=EF_CONSTRUCTION)
        index.add(np.arange(len(vectors)), vectors, threads=threads)
        return index

    def save(self, index, path):
        index.save(path)

    def load(self, path, vectors):
        from usearch.index import Index
        self.index = Index.restore(path)

    def prepare(self, effort, threads):
        self.index.expansion_search = effort
        self.threads = threads

    def search(self, queries, k):
        return np.atleast_2d(self.index.search(queries, k, threads=self.threads).keys)


class UsearchCodes(Usearch):
    dtype = "i8"


PEERS = {
    "faiss": FaissGraph, "faiss SQ8 + re-rank": FaissCodes, "faiss Flat": FaissFlat,
    "hnswlib": Hnswlib, "usearch": Usearch, "usearch i8": UsearchCodes,
}


def build(peer, vectors, path):
    start = time.perf_counter()
    index = peer.build(vectors, 2)
    seconds = time.perf_counter() - start
    peer.save(index, path)
    print(json.dumps({"buildSeconds": seconds, "peakBytes": peak()}), flush=True)


def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def search(peer, queries, truth, k, threads, singles, rounds, efforts):
    for effort in efforts:
        peer.prepare(effort, threads)
        found = peer.search(queries, k)
        hits = sum(len(set(row) & set(best)) for row, best in zip(found, truth[:, :k]))
        batch, fastest = float("inf"), np.full(min(singles, len(queries)), np.inf)
        for _ in range(rounds):
            peer.prepare(effort, 1)
            for i in range(len(fastest)):
                start = time.perf_counter()
                peer.search(queries[i:i + 1], k)
                fastest[i] = min(fastest[i], time.perf_counter() - start)
            peer.prepare(effort, threads)
            start = time.perf_counter()
            peer.search(queries, k)
            batch = min(batch, time.perf_counter() - start)
        fastest.sort()
        print(json.dumps({
            "effort": effort, "threads": threads, "recall": hits / (len(queries) * k),
            "medianMilliseconds": 1e3 * fastest[len(fastest) // 2] if len(fastest) else 0,
            "p99Milliseconds": 1e3 * fastest[len(fastest) * 99 // 100] if len(fastest) else 0,
            "queriesPerSecond": len(queries) / batch, "peakBytes": peak()}), flush=True)


def main():
    name, verb, vectors, path = sys.argv[1:5]
    peer, vectors = PEERS[name](), np.load(vectors, mmap_mode="r")
    if verb == "build":
        return build(peer, np.ascontiguousarray(vectors), path)
    queries, truth = np.load(sys.argv[5]), np.load(sys.argv[6])
    k, threads, singles, rounds = map(int, sys.argv[7:11])
    peer.load(path, vectors)
    search(peer, queries, truth, k, threads, singles, rounds, [int(e) for e in sys.argv[11:]])


if __name__ == "__main__":
    # FAISS's threads must not spin while others compute; read before its library is loaded.
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    main()
