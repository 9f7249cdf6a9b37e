// The entry points: each checks its arguments and runs in one guard.
#include "internal.hpp"

#include "coded_rows.hpp"

#include <faiss/impl/FaissException.h>

#include <cstdio>
#include <new>

extern "C" {
// From libgomp, which FAISS was built with; the count is a property of the calling thread.
void omp_set_num_threads(int count);
int omp_get_max_threads(void);
}

using shim::Failure;
using shim::require;

namespace {

void report(char *error, int32_t capacity, const char *text) noexcept {
  if (error && capacity > 0) std::snprintf(error, static_cast<size_t>(capacity), "%s", text);
}

/// Runs `body`; whatever it throws becomes a status and a text.
template <class Body>
fs_status guarded(char *error, int32_t capacity, Body &&body) noexcept {
  try {
    body();
    return FS_OK;
  } catch (const Failure &failure) {
    report(error, capacity, failure.text.c_str());
    return failure.status;
  } catch (const std::bad_alloc &) {
    report(error, capacity, "out of memory");
    return FS_NO_MEMORY;
  } catch (const std::exception &exception) {  // faiss::FaissException among them
    report(error, capacity, exception.what());
    return FS_BACKEND;
  } catch (...) {
    report(error, capacity, "unknown C++ exception");
    return FS_BACKEND;
  }
}

/// Sets the calling thread's OpenMP count for one scope.
class OpenMPThreads {
 public:
  explicit OpenMPThreads(int32_t count) : former_(omp_get_max_threads()) {
    require(count >= 1, "at least one thread is needed");
    omp_set_num_threads(count);
  }
  ~OpenMPThreads() { omp_set_num_threads(former_); }
  OpenMPThreads(const OpenMPThreads &) = delete;
  OpenMPThreads &operator=(const OpenMPThreads &) = delete;

 private:
  int former_;
};

}  // namespace

const char *fs_faiss_version(void) {
#define FS_TEXT_OF(x) #x
#define FS_TEXT(x) FS_TEXT_OF(x)
  return FS_TEXT(FAISS_VERSION_MAJOR) "." FS_TEXT(FAISS_VERSION_MINOR) "." FS_TEXT(
      FAISS_VERSION_PATCH);
#undef FS_TEXT
#undef FS_TEXT_OF
}

fs_status fs_create(
    const char *recipe, int32_t dimension, const fs_build_options *options, fs_index **result,
    char *error, int32_t capacity) {
  return guarded(error, capacity, [&] {
    require(recipe && options && result, "an argument is missing");
    require(dimension > 0, "the dimension must be positive");
    std::unique_ptr<faiss::Index> index = shim::create(recipe, dimension);
    shim::describe(index.get());  // throws for what is not served
    shim::tune(index.get(), *options);
    *result = new fs_index{std::move(index), {}};
  });
}

fs_status fs_train(
    fs_index *index, int64_t n, const float *rows, int32_t threads, char *error,
    int32_t capacity) {
  return guarded(error, capacity, [&] {
    require(index && rows && n > 0, "there is nothing to train on");
    OpenMPThreads scope(threads);
    index->faiss->train(n, rows);
  });
}

fs_status fs_add(
    fs_index *index, int64_t n, const float *rows, int32_t threads, char *error,
    int32_t capacity) {
  return guarded(error, capacity, [&] {
    require(index && rows && n >= 0, "there is nothing to add");
    require(index->faiss->is_trained, "the index is not trained");
    OpenMPThreads scope(threads);
    index->faiss->add(n, rows);
  });
}

fs_status fs_search(
    const fs_index *index, int64_t n, const float *queries, int64_t k,
    const fs_search_options *options, float *scores, int64_t *rows, char *error,
    int32_t capacity) {
  return guarded(error, capacity, [&] {
    require(index && queries && options && scores && rows, "an argument is missing");
    require(n > 0 && k > 0, "the numbers of queries and of results must be positive");
    require(index->faiss->is_trained, "the index is not trained");
    OpenMPThreads scope(options->threads);
    shim::search(index->faiss.get(), n, queries, k, *options, scores, rows);
  });
}

fs_status fs_walk(
    const fs_index *index, int64_t n, const float *queries, const float *vectors,
    const fs_walk_options *options, float *scores, int64_t *rows, char *error, int32_t capacity) {
  return guarded(error, capacity, [&] {
    require(index && queries && vectors && options && scores && rows, "an argument is missing");
    require(n > 0 && options->breadth > 0 && options->kept > 0, "a walk of no breadth");
    const shim::CodedRows *coded = shim::coded_rows(index->faiss.get());
    require(coded != nullptr, "the index is not a graph over coded rows");
    shim::walk(
        *shim::as_graph(index->faiss.get()), *coded, index->memories, n, queries, vectors, *options,
        scores, rows);
  });
}

fs_status fs_code_storage(fs_index *index, char *error, int32_t capacity) {
  return guarded(error, capacity, [&] {
    require(index, "an argument is missing");
    shim::code_storage(index->faiss.get());
  });
}

fs_status fs_save(
    const fs_index *index, const float *vectors, const char *path, char *error, int32_t capacity) {
  return guarded(error, capacity, [&] {
    require(index && path, "an argument is missing");
    shim::save(index->faiss.get(), vectors, path);
  });
}

fs_status fs_load(const char *path, fs_index **result, char *error, int32_t capacity) {
  return guarded(error, capacity, [&] {
    require(path && result, "an argument is missing");
    *result = new fs_index{shim::load(path), {}};
  });
}

void fs_describe(const fs_index *index, fs_description *description) {
  // Cannot throw: every index was described once when it was made or read.
  *description = shim::describe(index->faiss.get());
}

void fs_free(fs_index *index) { delete index; }
