// Searching with parameters that belong to the call.
#include "internal.hpp"

#include <faiss/IndexPQ.h>
#include <faiss/impl/IDSelector.h>

namespace shim {

namespace {

/// Every row but those of a bitmap.
struct AllBut final : faiss::IDSelector {
  const uint64_t *words;
  int64_t count;

  AllBut(const uint64_t *words, int64_t count) : words(words), count(count) {}
  bool is_member(idx_t id) const final {
    const int64_t word = id >> 6;
    return word >= count || !((words[word] >> (id & 63)) & 1);
  }
};

/// The search parameters of one call, of the type that the index expects.
struct CallParameters {
  AllBut selector;
  faiss::SearchParameters plain;
  faiss::SearchParametersHNSW graph;
  faiss::SearchParametersIVF lists;

  explicit CallParameters(const fs_search_options &options)
      : selector(options.excluded, options.excluded_words) {
    faiss::IDSelector *selection = options.excluded ? &selector : nullptr;
    plain.sel = graph.sel = lists.sel = selection;
    graph.efSearch = options.ef_search;
    lists.nprobe = static_cast<size_t>(options.probes);
  }
};

}  // namespace

void search(
    const faiss::Index *index, int64_t n, const float *queries, int64_t k,
    const fs_search_options &options, float *scores, int64_t *rows) {
  CallParameters parameters(options);
  if (describe(index).foreign) {
    require(!options.excluded, "an index of this kind cannot leave rows out");
    index->search(n, queries, k, scores, rows);
  } else if (auto graph = as_graph(index)) {
    if (options.exhaustive) {
      graph->storage->search(n, queries, k, scores, rows, &parameters.plain);
    } else {
      require(options.ef_search >= 1, "efSearch must be at least 1");
      graph->search(n, queries, k, scores, rows, &parameters.graph);
    }
  } else if (as_lists(index)) {
    require(options.probes >= 1, "at least one list must be probed");
    index->search(n, queries, k, scores, rows, &parameters.lists);
  } else if (dynamic_cast<const faiss::IndexPQ *>(index)) {
    require(!options.excluded, "a PQ index cannot leave rows out");
    index->search(n, queries, k, scores, rows);
  } else {
    index->search(n, queries, k, scores, rows, &parameters.plain);
  }
}

}  // namespace shim
