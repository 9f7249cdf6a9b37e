// y = activation(x · Wᵀ + bias) with 16-bit integers: blocks of W are quantised when packed, blocks
// of x on the fly (quantize.h); sums of a block are exact, and the blocks are added as floats.
//
// A panel holds its inputs in pairs: both integers of column 0, then of column 1, and so on.

#define CK_STRIDE_S16 (CK_BLOCK_S16 + 32)

typedef int32_t ck_ints __attribute__((ext_vector_type(CK_LANES)));

// Where the blocks of inputs lie: all but the last have `size` inputs, an even number. Without
// inputs there is one empty block.
typedef struct {
  size_t size, count, padded;
} ck_blocks;

CK_INLINE ck_blocks blocks_of(size_t inputs) {
  size_t size = even_share(inputs, CK_BLOCK_S16, 2);
  size_t count = inputs ? (inputs + size - 1) / size : 1;
  return (ck_blocks){size, count, (inputs + 1) / 2 * 2};
}

#if !defined(__x86_64__) || defined(CK_PLAIN)
typedef int16_t ck_pairs __attribute__((ext_vector_type(2 * CK_LANES)));

// The first or the second integers of pairs, as 32-bit integers.
#define EVERY_SECOND(pairs, first)                                                           \
  __builtin_convertvector(                                                                   \
      __builtin_shufflevector(pairs, pairs, first, first + 2, first + 4, first + 6), ck_ints)
_Static_assert(CK_LANES == 4, "EVERY_SECOND takes four");
#endif

// sums + the products of both integers of each pair, `pair` the same for all lanes.
CK_INLINE ck_ints add_pairs(ck_ints sums, int32_t pair, const int16_t *w) {
#if defined(CK_AVX512)
  return (ck_ints)_mm512_dpwssd_epi32((__m512i)sums, _mm512_set1_epi32(pair),
                                      _mm512_load_si512(w));
#elif defined(CK_AVX2)
  __m256i products = _mm256_madd_epi16(_mm256_set1_epi32(pair), *(const __m256i *)w);
  return (ck_ints)_mm256_add_epi32((__m256i)sums, products);
#elif defined(__x86_64__) && !defined(CK_PLAIN)
  __m128i products = _mm_madd_epi16(_mm_set1_epi32(pair), *(const __m128i *)w);
  return (ck_ints)_mm_add_epi32((__m128i)sums, products);
#else
  ck_pairs a = __builtin_bit_cast(ck_pairs, (ck_ints)(pair)), b = *(const ck_pairs *)w;
  ck_ints first = EVERY_SECOND(a, 0) * EVERY_SECOND(b, 0);
  return sums + (first + EVERY_SECOND(a, 1) * EVERY_SECOND(b, 1));
#endif
}

// Adds to y (first: writes to it) the products of `pairs` pairs of inputs, scaled.
CK_INLINE void multiply_s16(const int rows, const int16_t *x, const float *units,
                            const int16_t *panel, const float *scales, size_t pairs, float *y,
                            size_t ldy, int first) {
#pragma clang fp contract(off)
  ck_ints sums[CK_TILE_ROWS][2];
  CK_UNROLL for (int r = 0; r < rows; r++) sums[r][0] = sums[r][1] = (ck_ints)(0);
  prefetch_next(rows, y, ldy);
  for (size_t k = 0; k < pairs; k++) {
    const int16_t *w = panel + k * 2 * CK_PANEL;
    prefetch_ahead(w, 2 * CK_PANEL * sizeof(int16_t));
    CK_UNROLL for (int r = 0; r < rows; r++) {
      int32_t pair;
      memcpy(&pair, x + r * CK_STRIDE_S16 + 2 * k, sizeof pair);
      sums[r][0] = add_pairs(sums[r][0], pair, w);
      sums[r][1] = add_pairs(sums[r][1], pair, w + 2 * CK_LANES);
    }
  }
  const ck_loose_floats *s = (const ck_loose_floats *)scales;
  CK_UNROLL for (int r = 0; r < rows; r++) {
    CK_UNROLL for (int half = 0; half < 2; half++) {
      ck_loose_floats *out = (ck_loose_floats *)(y + r * ldy + half * CK_LANES);
      ck_floats scale = s[half] * units[r];
      ck_floats value = __builtin_convertvector(sums[r][half], ck_floats) * scale;
      *out = first ? value : *out + value;
    }
  }
}

static void multiply_tile_s16(const ck_tile *t, const int16_t *x, const float *units,
                              const int16_t *panel, const float *scales, size_t pairs) {
#define CASE(n)                                                                \
  case n:                                                                      \
    multiply_s16(n, x, units, panel, scales, pairs, t->y, t->ldy, t->first);   \
    break;
  switch (t->rows) { CK_CASES(CASE) }
#undef CASE
}

static void tile_s16(const ck_tile *t, const int16_t *x, const float *units, const int16_t *panel,
                     const float *scales, size_t pairs) {
  if (t->columns == CK_PANEL) {
    multiply_tile_s16(t, x, units, panel, scales, pairs);
  } else {
    float whole[CK_TILE_ROWS * CK_PANEL] = {0};
    ck_tile detour = *t;
    detour.y = whole;
    detour.ldy = CK_PANEL;
    if (!t->first) copy_tile(whole, CK_PANEL, t->y, t->ldy, t->rows, t->columns);
    multiply_tile_s16(&detour, x, units, panel, scales, pairs);
    copy_tile(t->y, t->ldy, whole, CK_PANEL, t->rows, t->columns);
  }
  if (t->last) finish_tile(t);
}

// Quantises `count` inputs, `distance` apart; the integers are padded with zeros to whole sixteens.
static float quantize_inputs(const float *x, size_t distance, size_t count, int16_t *integers) {
  if (distance == 1 && count % 16 == 0) return quantize(x, count, integers);
  float copy[CK_BLOCK_S16];
  size_t whole = (count + 15) / 16 * 16;
  for (size_t i = 0; i < whole; i++) copy[i] = i < count ? x[i * distance] : 0;
  return quantize(copy, whole, integers);
}

// The columns [from, to) of y for block `index` of the inputs.
static void block_s16(const ck_weight *w, const ck_linear *c, ck_blocks blocks, size_t index,
                      size_t from, size_t to) {
  _Alignas(64) int16_t x[CK_TILE_ROWS * CK_STRIDE_S16];
  float units[CK_TILE_ROWS];
  size_t k = index * blocks.size, count = smaller(blocks.size, w->inputs - k), step = 0;
  size_t pairs = (count + 1) / 2, columns = padded_columns(w->outputs);
  const int16_t *panels = (const int16_t *)w->panels + k * columns;
  const float *scales = w->scales + index * columns;
  for (size_t row = 0; row < c->rows; row += step) {
    step = even_share(c->rows - row, CK_TILE_ROWS, 1);
    for (size_t r = 0; r < step; r++)
      units[r] =
          quantize_inputs(c->x + (row + r) * c->ldx + k, 1, count, x + r * CK_STRIDE_S16);
    for (size_t j = from; j < to; j += CK_PANEL) {
      ck_tile t = {c->y + row * c->ldy + j, c->ldy, step, smaller(CK_PANEL, to - j),
                   c->bias ? c->bias + j : 0, c->activation, index == 0,
                   index + 1 >= blocks.count};
      prefetch_rows(c, row + step, k, count, j, from, to);
      tile_s16(&t, x, units, panels + j * pairs * 2, scales + j, pairs);
    }
  }
}

static void rows_s16(const ck_weight *w, const ck_linear *c) {
  ck_blocks blocks = blocks_of(w->inputs);
  size_t end = c->firstColumn + c->columns;
  size_t most = CK_GROUP_BYTES / (blocks.size * sizeof(int16_t)) / CK_PANEL * CK_PANEL;
  size_t group = even_share(c->columns, most, CK_PANEL);
  for (size_t from = c->firstColumn; from < end; from += group)
    for (size_t index = 0; index < blocks.count; index++)
      block_s16(w, c, blocks, index, from, smaller(end, from + group));
}

CK_BODY(void, linear_s16)(const ck_weight *w, const ck_linear *c) {
  size_t share = even_share(c->rows, CK_ROWS, CK_TILE_ROWS);
  for (size_t row = 0; row < c->rows; row += share) {
    ck_linear part = rows_of(c, row, smaller(share, c->rows - row));
    rows_s16(w, &part);
  }
}

CK_BODY(size_t, panels_s16)(size_t inputs, size_t outputs) {
  return blocks_of(inputs).padded * padded_columns(outputs);
}

CK_BODY(size_t, scales_s16)(size_t inputs, size_t outputs) {
  return blocks_of(inputs).count * padded_columns(outputs);
}

CK_BODY(void, pack_s16)(const float *w, size_t inputStride, size_t outputStride, size_t inputs,
                        size_t outputs, void *panels, float *scales) {
  ck_blocks blocks = blocks_of(inputs);
  size_t columns = padded_columns(outputs);
  int16_t integers[CK_BLOCK_S16];
  for (size_t index = 0; index < blocks.count; index++) {
    size_t k = index * blocks.size, count = smaller(blocks.size, inputs - k);
    size_t pairs = (count + 1) / 2;
    for (size_t o = 0; o < columns; o++) {
      float unit = 0;
      if (o < outputs)
        unit = quantize_inputs(w + o * outputStride + k * inputStride, inputStride, count, integers);
      else
        memset(integers, 0, sizeof integers);
      scales[index * columns + o] = unit;
      int16_t *to = (int16_t *)panels + k * columns + o / CK_PANEL * CK_PANEL * pairs * 2;
      to += o % CK_PANEL * 2;
      for (size_t i = 0; i < pairs * 2; i++)
        to[i / 2 * 2 * CK_PANEL + i % 2] = integers[i];
    }
  }
}
