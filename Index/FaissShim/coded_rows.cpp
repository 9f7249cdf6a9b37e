#include "coded_rows.hpp"

#include "internal.hpp"

#include <faiss/impl/DistanceComputer.h>

#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <new>

namespace shim {

CodedQuery::CodedQuery(size_t dimension, size_t stride)
    : dimension_(dimension), rotated_(dimension), codes_(stride), query_{} {}

void CodedQuery::encode(const float *x) {
  sign(ck_encode_row(x, dimension_, codes_.size(), rotated_.data(), codes_.data()).scale);
}

void CodedQuery::copy(const uint8_t *row, float scale) {
  std::memcpy(codes_.data(), row, codes_.size());
  sign(scale);
}

// Codes of rows count from −128, those of queries from 0.
void CodedQuery::sign(float scale) {
  int32_t sum = 0;
  for (uint8_t &code : codes_) {
    code ^= 0x80;
    sum += static_cast<int8_t>(code);
  }
  query_ = {reinterpret_cast<const int8_t *>(codes_.data()), scale, sum};
}

namespace {

struct Comparison final : faiss::DistanceComputer {
  explicit Comparison(const CodedRows &rows)
      : rows(rows), query(rows.d, rows.stride), other(rows.d, rows.stride) {}

  void set_query(const float *x) override { query.encode(x); }

  float operator()(idx_t i) override { return compare(i, query); }

  // FAISS keeps j while it goes through several i.
  float symmetric_dis(idx_t i, idx_t j) override {
    if (j != held) other.copy(rows.row(j), rows.scales[j]);
    held = j;
    return compare(i, other);
  }

  float compare(idx_t i, const CodedQuery &query) const {
    const int32_t sum = ck_dot_codes(rows.row(i), query.get(), rows.stride);
    return static_cast<float>(sum) * rows.scales[i] * query.get()->scale;
  }

  const CodedRows &rows;
  CodedQuery query, other;
  idx_t held = -1;
};

constexpr size_t kHugePage = size_t{2} << 20;

}  // namespace

CodedRows::CodedRows(idx_t dimension)
    : faiss::Index(dimension, faiss::METRIC_INNER_PRODUCT),
      stride((static_cast<size_t>(dimension) + 63) / 64 * 64) {}

void CodedRows::reserve(size_t rows) {
  if (rows <= capacity_) return;
  const size_t capacity = std::max(rows, capacity_ + capacity_ / 2);
  // A walk jumps from row to row: with large pages fewer of the jumps miss the page tables' cache.
  const size_t bytes = (capacity * stride + kHugePage - 1) / kHugePage * kHugePage;
  std::unique_ptr<uint8_t[], Free> memory(
      static_cast<uint8_t *>(std::aligned_alloc(kHugePage, bytes)));
  if (!memory) throw std::bad_alloc();
  madvise(memory.get(), bytes, MADV_HUGEPAGE);
  if (ntotal > 0) std::memcpy(memory.get(), codes_.get(), static_cast<size_t>(ntotal) * stride);
  codes_ = std::move(memory);
  capacity_ = capacity;
}

void CodedRows::add(idx_t n, const float *x) {
  reserve(static_cast<size_t>(ntotal + n));
  scales.resize(static_cast<size_t>(ntotal + n));
  std::vector<float> rotated(static_cast<size_t>(d));
  for (idx_t i = 0; i < n; i++) {
    uint8_t *target = codes_.get() + static_cast<size_t>(ntotal + i) * stride;
    scales[ntotal + i] = ck_encode_row(x + i * d, d, stride, rotated.data(), target).scale;
  }
  ntotal += n;
}

void CodedRows::search(
    idx_t, const float *, idx_t, float *, idx_t *, const faiss::SearchParameters *) const {
  throw Failure{FS_UNSUPPORTED, "coded rows are searched through their graph"};
}

void CodedRows::reset() {
  codes_.reset();
  scales.clear();
  capacity_ = 0;
  ntotal = 0;
}

faiss::DistanceComputer *CodedRows::get_distance_computer() const { return new Comparison(*this); }

}  // namespace shim
