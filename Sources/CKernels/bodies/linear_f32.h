// y = activation(x · Wᵀ + bias) in float. Every result is one chain of fused multiply-adds over
// the inputs in ascending order (multiply, then add, where the machine has no fused ones): blocking
// the inputs stores and reloads it, and changes nothing.

#define CK_STRIDE_F32 (CK_BLOCK + 16)

CK_INLINE ck_floats multiply_add(ck_floats a, ck_floats b, ck_floats sum) {
#if defined(CK_AVX2) || defined(CK_AVX512) || defined(__ARM_FEATURE_FMA)
  return __builtin_elementwise_fma(a, b, sum);
#else
  return sum + a * b;
#endif
}

// results (rows, CK_PANEL) += or = the products of `count` inputs.
CK_INLINE void multiply_f32(const int rows, const float *x, const float *panel, size_t count,
                            float *y, size_t ldy, int first) {
  ck_floats sums[CK_TILE_ROWS][2];
  CK_UNROLL for (int r = 0; r < rows; r++) {
    sums[r][0] = first ? (ck_floats)(0.0f) : *(const ck_loose_floats *)(y + r * ldy);
    sums[r][1] = first ? (ck_floats)(0.0f) : *(const ck_loose_floats *)(y + r * ldy + CK_LANES);
  }
  prefetch_next(rows, y, ldy);
  for (size_t k = 0; k < count; k++) {
    const ck_floats *w = (const ck_floats *)(panel + k * CK_PANEL);
    ck_floats w0 = w[0], w1 = w[1];
    prefetch_ahead(w, CK_PANEL * sizeof(float));
    CK_UNROLL for (int r = 0; r < rows; r++) {
      ck_floats value = (ck_floats)(x[r * CK_STRIDE_F32 + k]);
      sums[r][0] = multiply_add(value, w0, sums[r][0]);
      sums[r][1] = multiply_add(value, w1, sums[r][1]);
    }
  }
  CK_UNROLL for (int r = 0; r < rows; r++) {
    *(ck_loose_floats *)(y + r * ldy) = sums[r][0];
    *(ck_loose_floats *)(y + r * ldy + CK_LANES) = sums[r][1];
  }
}

static void multiply_tile_f32(const ck_tile *t, const float *x, const float *panel, size_t count) {
#define CASE(n) \
  case n: multiply_f32(n, x, panel, count, t->y, t->ldy, t->first); break;
  switch (t->rows) { CK_CASES(CASE) }
#undef CASE
}

static void tile_f32(const ck_tile *t, const float *x, const float *panel, size_t count) {
  if (t->columns == CK_PANEL) {
    multiply_tile_f32(t, x, panel, count);
  } else {
    float whole[CK_TILE_ROWS * CK_PANEL] = {0};
    ck_tile detour = *t;
    detour.y = whole;
    detour.ldy = CK_PANEL;
    if (!t->first) copy_tile(whole, CK_PANEL, t->y, t->ldy, t->rows, t->columns);
    multiply_tile_f32(&detour, x, panel, count);
    copy_tile(t->y, t->ldy, whole, CK_PANEL, t->rows, t->columns);
  }
  if (t->last) finish_tile(t);
}

// The columns [from, to) of y for one block of inputs.
static void block_f32(const ck_weight *w, const ck_linear *c, size_t from, size_t to, size_t k,
                      size_t count) {
  _Alignas(64) float x[CK_TILE_ROWS * CK_STRIDE_F32];
  const float *panels = (const float *)w->panels + k * padded_columns(w->outputs);
  size_t step = 0;
  for (size_t row = 0; row < c->rows; row += step) {
    step = even_share(c->rows - row, CK_TILE_ROWS, 1);
    for (size_t r = 0; r < step; r++)
      memcpy(x + r * CK_STRIDE_F32, c->x + (row + r) * c->ldx + k, count * sizeof(float));
    for (size_t j = from; j < to; j += CK_PANEL) {
      ck_tile t = {c->y + row * c->ldy + j, c->ldy, step, smaller(CK_PANEL, to - j),
                   c->bias ? c->bias + j : 0, c->activation, k == 0, k + count == w->inputs};
      prefetch_rows(c, row + step, k, count, j, from, to);
      tile_f32(&t, x, panels + j * count, count);
    }
  }
}

static void rows_f32(const ck_weight *w, const ck_linear *c) {
  size_t block = even_share(w->inputs, CK_BLOCK, 1), end = c->firstColumn + c->columns;
  size_t most = CK_GROUP_BYTES / (block * sizeof(float)) / CK_PANEL * CK_PANEL;
  size_t group = even_share(c->columns, most, CK_PANEL);
  for (size_t from = c->firstColumn; from < end; from += group) {
    size_t k = 0;  // one round even without inputs: the bias still counts
    do {
      block_f32(w, c, from, smaller(end, from + group), k, smaller(block, w->inputs - k));
      k += block;
    } while (k < w->inputs);
  }
}

CK_BODY(void, linear_f32)(const ck_weight *w, const ck_linear *c) {
  size_t share = even_share(c->rows, CK_ROWS, CK_TILE_ROWS);
  for (size_t row = 0; row < c->rows; row += share) {
    ck_linear part = rows_of(c, row, smaller(share, c->rows - row));
    rows_f32(w, &part);
  }
}

CK_BODY(void, pack_f32)(const float *w, size_t inputStride, size_t outputStride, size_t inputs,
                        size_t outputs, float *panels) {
  size_t block = even_share(inputs, CK_BLOCK, 1);
  for (size_t first = 0; first < inputs; first += block)
    for (size_t j = 0; j < outputs; j += CK_PANEL)
      for (size_t k = first; k < smaller(inputs, first + block); k++, panels += CK_PANEL) {
        const float *from = w + k * inputStride + j * outputStride;
        size_t columns = smaller(CK_PANEL, outputs - j);
        for (size_t c = 0; c < CK_PANEL; c++) panels[c] = c < columns ? from[c * outputStride] : 0;
      }
}
