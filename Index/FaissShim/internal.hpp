// What the files of the shim share. Nothing here is visible outside it.
#pragma once

#include "faiss_shim.h"

#include <faiss/Index.h>
#include <faiss/IndexHNSW.h>
#include <faiss/IndexIVF.h>

#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace shim {

struct CodedRows;
struct WalkMemory;

/// The memories of walks over one graph that are not in use. Any number of threads may ask.
class WalkMemories {
 public:
  WalkMemories();
  ~WalkMemories();
  std::unique_ptr<WalkMemory> take(const faiss::HNSW &graph, const CodedRows &rows);
  void give(std::unique_ptr<WalkMemory> memory);

 private:
  std::mutex mutex_;
  std::vector<std::unique_ptr<WalkMemory>> unused_;
};

}  // namespace shim

struct fs_index {
  std::unique_ptr<faiss::Index> faiss;
  mutable shim::WalkMemories memories;
};

namespace shim {

/// A failure with its code, for the guard to report.
struct Failure {
  fs_status status;
  std::string text;
};

inline void require(bool condition, const char *text) {
  if (!condition) throw Failure{FS_INVALID, text};
}

inline const faiss::IndexHNSW *as_graph(const faiss::Index *index) {
  return dynamic_cast<const faiss::IndexHNSW *>(index);
}

inline const faiss::IndexIVF *as_lists(const faiss::Index *index) {
  return dynamic_cast<const faiss::IndexIVF *>(index);
}

/// What an index is. Throws `Failure` with `FS_UNSUPPORTED` for metrics, and ids, not served.
fs_description describe(const faiss::Index *index);

/// Seeds everything random in building, and sets what a factory string cannot say.
void tune(faiss::Index *index, const fs_build_options &options);

/// Sets how broadly a foreign kind searches, which its calls cannot say: a sixteenth of the inverted
/// lists, at least 8; a breadth of 64; four times as many candidates as results to refine.
void tune_foreign(faiss::Index *index);

/// One search; see `fs_search`.
void search(
    const faiss::Index *index, int64_t n, const float *queries, int64_t k,
    const fs_search_options &options, float *scores, int64_t *rows);

/// An empty index of a factory string. A graph over whole vectors gets coded rows as its storage.
std::unique_ptr<faiss::Index> create(const char *recipe, int32_t dimension);

/// The coded rows under a graph, when it has them.
const CodedRows *coded_rows(const faiss::Index *index);

/// Replaces the whole vectors under a graph by their codes; nothing for other kinds.
void code_storage(faiss::Index *index);

/// Walks a graph over coded rows; see `fs_walk`.
void walk(
    const faiss::IndexHNSW &index, const CodedRows &rows, WalkMemories &memories, int64_t n,
    const float *queries, const float *vectors, const fs_walk_options &options, float *scores,
    int64_t *found_rows);

/// Writes a FAISS file and flushes it to the disk; `vectors` as in `fs_save`.
void save(const faiss::Index *index, const float *vectors, const char *path);

/// Reads a FAISS file of a kind that is served.
std::unique_ptr<faiss::Index> load(const char *path);

}  // namespace shim
