// FAISS files: written so that no error is lost, read so that nothing is left over.
#include "coded_rows.hpp"
#include "internal.hpp"

#include <faiss/impl/FaissException.h>
#include <faiss/index_io.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <unistd.h>
#include <utility>

namespace shim {

namespace {

class File {
 public:
  File(const char *path, const char *mode) : file_(std::fopen(path, mode)) {
    if (!file_) throw Failure{FS_IO, std::strerror(errno)};
  }
  ~File() {
    if (file_) std::fclose(file_);
  }
  File(const File &) = delete;
  File &operator=(const File &) = delete;
  FILE *get() const { return file_; }

  /// Flushes to the disk and closes; FAISS's own writer drops errors at this point.
  void commit() {
    const bool flushed = std::fflush(file_) == 0 && fsync(fileno(file_)) == 0;
    const int reason = errno;
    const bool closed = std::fclose(std::exchange(file_, nullptr)) == 0;
    if (!flushed) throw Failure{FS_IO, std::strerror(reason)};
    if (!closed) throw Failure{FS_IO, std::strerror(errno)};
  }

 private:
  FILE *file_;
};

/// A graph as FAISS writes it, but for its vectors: the file ends with their number, 0.
void write_without_vectors(const faiss::IndexHNSW &graph, FILE *file) {
  faiss::IndexHNSWFlat whole(static_cast<int>(graph.d), 2, faiss::METRIC_INNER_PRODUCT);
  whole.hnsw = graph.hnsw;
  whole.ntotal = whole.storage->ntotal = graph.ntotal;
  faiss::write_index(&whole, file);
}

/// Writes the number of vectors over the last 8 bytes, and the vectors after them.
void append_vectors(const float *vectors, size_t floats, FILE *file) {
  const uint64_t count = floats;
  if (std::fseek(file, -static_cast<long>(sizeof count), SEEK_END) != 0 ||
      std::fwrite(&count, sizeof count, 1, file) != 1 ||
      std::fwrite(vectors, sizeof(float), floats, file) != floats) {
    throw Failure{FS_IO, std::strerror(errno)};
  }
}

void write(const faiss::Index *index, const float *vectors, FILE *file) {
  if (!coded_rows(index)) return faiss::write_index(index, file);
  require(vectors || index->ntotal == 0, "the vectors that were indexed are needed to save it");
  write_without_vectors(*as_graph(index), file);
  append_vectors(vectors, static_cast<size_t>(index->ntotal) * index->d, file);
}

}  // namespace

void save(const faiss::Index *index, const float *vectors, const char *path) {
  File file(path, "wb");
  try {
    errno = 0;
    write(index, vectors, file.get());
  } catch (const faiss::FaissException &) {
    if (std::ferror(file.get())) throw Failure{FS_IO, std::strerror(errno)};
    throw;
  }
  file.commit();
}

std::unique_ptr<faiss::Index> load(const char *path) {
  File file(path, "rb");
  std::unique_ptr<faiss::Index> index(faiss::read_index(file.get()));
  describe(index.get());  // throws for what is not served
  tune_foreign(index.get());
  if (std::fgetc(file.get()) != EOF) {
    throw Failure{FS_BACKEND, "bytes are left after the end of the index"};
  }
  return index;
}

}  // namespace shim
