// Searching a graph by our own walk: nodes are compared by their codes, and the best of them again
// by the vectors themselves.
#include "coded_rows.hpp"
#include "internal.hpp"

#include <algorithm>
#include <mutex>
#include <utility>

namespace shim {

/// What a walk writes to, kept from call to call: clearing the marks of a million nodes would take
/// longer than the walk.
struct WalkMemory {
  WalkMemory(const faiss::HNSW &graph, const CodedRows &rows)
      : query(rows.d, rows.stride),
        seen(static_cast<size_t>(rows.ntotal)),
        neighbors(static_cast<size_t>(graph.nb_neighbors(0))) {}

  /// A mark that no node has.
  uint16_t next_mark() {
    if (++mark == 0) {
      std::fill(seen.begin(), seen.end(), 0);
      mark = 1;
    }
    return mark;
  }

  CodedQuery query;
  std::vector<uint16_t> seen;
  uint16_t mark = 0;
  std::vector<int32_t> neighbors;
  std::vector<float> scores;
  std::vector<uint32_t> nodes;
  std::vector<std::pair<float, int64_t>> ranked;
};

WalkMemories::WalkMemories() = default;
WalkMemories::~WalkMemories() = default;

std::unique_ptr<WalkMemory> WalkMemories::take(const faiss::HNSW &graph, const CodedRows &rows) {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    if (!unused_.empty()) {
      auto memory = std::move(unused_.back());
      unused_.pop_back();
      return memory;
    }
  }
  return std::make_unique<WalkMemory>(graph, rows);
}

void WalkMemories::give(std::unique_ptr<WalkMemory> memory) {
  std::lock_guard<std::mutex> lock(mutex_);
  unused_.push_back(std::move(memory));
}

namespace {

bool is_excluded(const fs_walk_options &options, uint32_t row) {
  const int64_t word = row >> 6;
  return word < options.excluded_words && ((options.excluded[word] >> (row & 63)) & 1);
}

void prefetch(const float *row, size_t dimension) {
  for (size_t i = 0; i < dimension; i += 16) __builtin_prefetch(row + i);
}

/// The allowed nodes of the walk with their exact scores: the first `kept` of them.
void rank(
    WalkMemory &memory, size_t found, const float *query, const float *vectors, size_t dimension,
    const fs_walk_options &options) {
  memory.ranked.clear();
  for (size_t i = 0; i < found && memory.ranked.size() < static_cast<size_t>(options.kept); i++) {
    const uint32_t node = memory.nodes[i];
    if (!is_excluded(options, node)) memory.ranked.emplace_back(0.f, node);
  }
  constexpr size_t kAhead = 4;
  auto vector = [&](size_t i) {
    return vectors + static_cast<size_t>(memory.ranked[i].second) * dimension;
  };
  const size_t count = memory.ranked.size();
  for (size_t i = 0; i < std::min(count, kAhead); i++) prefetch(vector(i), dimension);
  for (size_t i = 0; i < count; i++) {
    if (i + kAhead < count) prefetch(vector(i + kAhead), dimension);
    memory.ranked[i].first = ck_dot(query, vector(i), dimension);
  }
  std::sort(memory.ranked.begin(), memory.ranked.end(), [](const auto &a, const auto &b) {
    return a.first > b.first || (a.first == b.first && a.second < b.second);
  });
}

}  // namespace

void walk(
    const faiss::IndexHNSW &index, const CodedRows &rows, WalkMemories &memories, int64_t n,
    const float *queries, const float *vectors, const fs_walk_options &options, float *scores,
    int64_t *found_rows) {
  const faiss::HNSW &hnsw = index.hnsw;
  const int64_t kept = options.kept;
  std::fill(found_rows, found_rows + n * kept, -1);
  if (rows.ntotal == 0) return;
  const ck_graph graph{
      rows.row(0),           rows.stride,          rows.scales.data(),
      hnsw.neighbors.data(), hnsw.offsets.data(), hnsw.cum_nneighbor_per_level.data(),
      hnsw.entry_point,      hnsw.max_level};
  auto memory = memories.take(hnsw, rows);
  memory->scores.resize(static_cast<size_t>(options.breadth));
  memory->nodes.resize(static_cast<size_t>(options.breadth));
  for (int64_t i = 0; i < n; i++) {
    const float *query = queries + i * rows.d;
    memory->query.encode(query);
    const size_t found = ck_walk_graph(
        &graph, memory->query.get(), static_cast<size_t>(options.breadth), memory->seen.data(),
        memory->next_mark(), memory->neighbors.data(), memory->scores.data(),
        memory->nodes.data());
    rank(*memory, found, query, vectors, static_cast<size_t>(rows.d), options);
    for (size_t j = 0; j < memory->ranked.size(); j++) {
      scores[i * kept + static_cast<int64_t>(j)] = memory->ranked[j].first;
      found_rows[i * kept + static_cast<int64_t>(j)] = memory->ranked[j].second;
    }
  }
  memories.give(std::move(memory));
}

}  // namespace shim
