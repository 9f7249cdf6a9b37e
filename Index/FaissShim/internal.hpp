// What the files of the shim share. Nothing here is visible outside it.
#pragma once

#include "faiss_shim.h"

#include <faiss/Index.h>
#include <faiss/IndexHNSW.h>
#include <faiss/IndexIVF.h>

#include <memory>
#include <string>

struct fs_index {
  std::unique_ptr<faiss::Index> faiss;
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

/// What an index is. Throws `Failure` with `FS_UNSUPPORTED` for kinds and metrics not served.
fs_description describe(const faiss::Index *index);

/// Seeds everything random in building, and sets what a factory string cannot say.
void tune(faiss::Index *index, const fs_build_options &options);

/// One search; see `fs_search`.
void search(
    const faiss::Index *index, int64_t n, const float *queries, int64_t k,
    const fs_search_options &options, float *scores, int64_t *rows);

/// Writes a FAISS file and flushes it to the disk.
void save(const faiss::Index *index, const char *path);

/// Reads a FAISS file of a kind that is served.
std::unique_ptr<faiss::Index> load(const char *path);

}  // namespace shim
