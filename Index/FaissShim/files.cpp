// FAISS files: written so that no error is lost, read so that nothing is left over.
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

}  // namespace

void save(const faiss::Index *index, const char *path) {
  File file(path, "wb");
  try {
    errno = 0;
    faiss::write_index(index, file.get());
  } catch (const faiss::FaissException &) {
    if (std::ferror(file.get())) throw Failure{FS_IO, std::strerror(errno)};
    throw;
  }
  file.commit();
}

std::unique_ptr<faiss::Index> load(const char *path) {
  File file(path, "rb");
  std::unique_ptr<faiss::Index> index(faiss::read_index(file.get()));
  describe(index.get());  // throws for kinds not served
  if (std::fgetc(file.get()) != EOF) {
    throw Failure{FS_BACKEND, "bytes are left after the end of the index"};
  }
  return index;
}

}  // namespace shim
