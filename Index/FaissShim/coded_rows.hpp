// Rows as 8-bit codes, as the storage under a graph: FAISS builds the graph by comparing codes, and
// walks compare them too. What is found is compared again by the vectors themselves; see walk.cpp.
#pragma once

#include <ckernels.h>

#include <faiss/Index.h>

#include <cstdlib>
#include <memory>
#include <vector>

namespace shim {

/// A query as the kernels take it.
class CodedQuery {
 public:
  CodedQuery(size_t dimension, size_t stride);
  void encode(const float *x);
  /// The query that a coded row is.
  void copy(const uint8_t *row, float scale);
  const ck_coded_query *get() const { return &query_; }

 private:
  void sign(float scale);

  size_t dimension_;
  std::vector<float> rotated_;
  std::vector<uint8_t> codes_;
  ck_coded_query query_;
};

/// Only what building and walking a graph needs of an index; it cannot be searched by itself.
struct CodedRows final : faiss::Index {
  explicit CodedRows(idx_t dimension);

  void add(idx_t n, const float *x) override;
  void search(idx_t, const float *, idx_t, float *, idx_t *, const faiss::SearchParameters *)
      const override;
  void reset() override;
  faiss::DistanceComputer *get_distance_computer() const override;

  const uint8_t *row(size_t i) const { return codes_.get() + i * stride; }

  /// Bytes from row to row: whole cache lines.
  const size_t stride;
  /// One for each row: its codes, less 128, times this are the rotated vector.
  std::vector<float> scales;

 private:
  struct Free {
    void operator()(uint8_t *memory) const { std::free(memory); }
  };
  /// Makes room for `rows` rows.
  void reserve(size_t rows);

  std::unique_ptr<uint8_t[], Free> codes_;
  size_t capacity_ = 0;
};

}  // namespace shim
