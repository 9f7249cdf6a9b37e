// From scores to attention weights: scale, bias, softmax without its division, dropout.

typedef uint32_t ck_words __attribute__((ext_vector_type(CK_LANES)));
typedef int32_t ck_integers __attribute__((ext_vector_type(CK_LANES)));

// b when either is NaN: a comparison with NaN is false.
CK_INLINE ck_floats larger_lanes(ck_floats a, ck_floats b) { return a > b ? a : b; }
CK_INLINE ck_floats4 larger_four(ck_floats4 a, ck_floats4 b) { return a > b ? a : b; }
CK_INLINE ck_floats4 sum_of_four(ck_floats4 a, ck_floats4 b) { return a + b; }

// The quarters of a vector folded onto the first.
#if CK_LANES == 16
#define FOLDED(x, with) with(with(x.lo.lo, x.lo.hi), with(x.hi.lo, x.hi.hi))
#elif CK_LANES == 8
#define FOLDED(x, with) with(x.lo, x.hi)
#else
#define FOLDED(x, with) (x)
#endif

CK_INLINE float largest_lane(ck_floats x) {
  ck_floats4 y = FOLDED(x, larger_four);
  y = larger_four(y, y.zwxy);
  return larger_four(y, y.yxwz).x;
}

CK_INLINE float sum_of_lanes(ck_floats x) {
  ck_floats4 y = FOLDED(x, sum_of_four);
  y = y + y.zwxy;
  return y.x + y.y;
}
#undef FOLDED

// 2^x for x ≤ 0, relative error below 1e-7, 2^−125 below −125, NaN for NaN. With n the nearest
// integer and f = x − n, 2^n · 2^f: a minimax polynomial of degree 6 on [−½, ½] (our own fit),
// then n added to the exponent.
CK_INLINE ck_floats power_of_two(ck_floats x) {
#pragma clang fp contract(fast)
  x = larger_lanes((ck_floats)(-125.0f), x);
  // Adding 1.5·2^23 rounds to the nearest integer, left in the low bits.
  ck_floats shifted = x + 12582912.0f;
  ck_floats f = x - (shifted - 12582912.0f);
  ck_floats p = (ck_floats)(1.5353362026e-4f);
  p = p * f + 1.3398874476e-3f;
  p = p * f + 9.6184373577e-3f;
  p = p * f + 5.5503324710e-2f;
  p = p * f + 2.4022647914e-1f;
  p = p * f + 6.9314720286e-1f;
  p = p * f + 1.0f;
  ck_words n, bits;
  memcpy(&n, &shifted, sizeof n);
  memcpy(&bits, &p, sizeof bits);
  bits += n << 23;
  memcpy(&p, &bits, sizeof p);
  return p;
}

// Minus infinity in the lanes past the last key, up to a whole panel.
CK_INLINE void close_row(float *scores, size_t length) {
  ck_integers lane;
  for (int l = 0; l < CK_LANES; l++) lane[l] = l;
  for (size_t j = length / CK_LANES * CK_LANES; j < whole_panels(length); j += CK_LANES) {
    ck_integers keys = (ck_integers)((int32_t)(length - smaller(j, length)));
    store(scores + j, lane < keys ? load(scores + j) : (ck_floats)(-INFINITY));
  }
}

// Turns the scores of queries `first` … into weights, in place, but for the division by their sums,
// whose inverses it writes. rows: at most CK_TILE_ROWS. Lanes past the last key become tiny.
static void weigh(const ck_head *h, size_t first, size_t rows, float *scores, size_t stride,
                  float *inverse) {
#pragma clang fp contract(fast)
  size_t length = h->length, end = whole_panels(length);
  ck_floats fold[CK_TILE_ROWS];  // folded in loops of their own, so that rows overlap
  float top[CK_TILE_ROWS];
  for (size_t r = 0; r < rows; r++) {
    float *s = scores + r * stride;
    if (h->bias) {
      const float *bias = h->bias - (first + r);
      for (size_t j = 0; j < length; j++) s[j] = h->scale * s[j] + bias[j];
    }
    close_row(s, length);
    fold[r] = load(s);
    for (size_t j = CK_LANES; j < end; j += CK_LANES) fold[r] = larger_lanes(load(s + j), fold[r]);
  }
  for (size_t r = 0; r < rows; r++) top[r] = largest_lane(fold[r]);
  float scale = (h->bias ? 1 : h->scale) * 1.44269504088896341f;  // 1 / ln 2
  for (size_t r = 0; r < rows; r++) {
    float *s = scores + r * stride;
    ck_floats sum = (ck_floats)(0.0f);
    for (size_t j = 0; j < end; j += CK_LANES) {
      ck_floats weight = power_of_two(scale * (load(s + j) - top[r]));
      store(s + j, weight);
      sum += weight;
    }
    fold[r] = sum;
  }
  for (size_t r = 0; r < rows; r++) inverse[r] = sum_of_lanes(fold[r]);
  for (size_t r = 0; r < rows; r++) inverse[r] = 1 / inverse[r];
}

// The dropout of the weights of one query, a panel at a time: the length is known where this is
// compiled, and lanes past the last key, which nobody reads, save a loop of single elements.
CK_INLINE void drop_row(const ck_head *h, size_t query, float *weights) {
  uint64_t first = h->first + query * h->length;
  for (size_t j = 0; j < h->length; j += CK_HEAD_PANEL)
    [[clang::always_inline]] body_dropout(weights + j, CK_HEAD_PANEL, h->rate, h->key, first + j);
}
