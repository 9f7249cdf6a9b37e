// The gradients of one head of one sequence, a tile of query rows at a time. With
// P = softmax(scale·Q·Kᵀ + bias), D the dropout and O = D(P)·V:
// dV = D(P)ᵀ·dO, dP = D(dO·Vᵀ), dS = P∘(dP − rowsum(P∘dP)), dQ = scale·dS·K, dK = scale·dSᵀ·Q,
// and the bias at distance j − i gains dS(i, j). P is computed again: cheaper than its memory.

// What one tile works on: rows `stride` apart, rounded up to whole panels.
typedef struct {
  size_t first, rows, stride;  // queries first … first + rows − 1
  float *weights;              // P
  float *slopes;               // D(P), then dP, then dS
  float *factors;              // D's, when there is dropout
} ck_head_tile;

// P, and with dropout the factors and D(P).
static void tile_weights(const ck_head *h, const ck_head_tile *t) {
  size_t end = whole_panels(h->length);
  for (size_t i = 0; i < t->rows; i += CK_TILE_ROWS) {
    float inverse[CK_TILE_ROWS];
    size_t rows = smaller(CK_TILE_ROWS, t->rows - i);
    weigh(h, t->first + i, rows, t->weights + i * t->stride, t->stride, inverse);
    for (size_t r = 0; r < rows; r++) {
      float *p = t->weights + (i + r) * t->stride;
      for (size_t j = 0; j < end; j += CK_LANES) store(p + j, load(p + j) * inverse[r]);
    }
  }
  if (!(h->rate > 0)) return;
  for (size_t r = 0; r < t->rows; r++) {
    const float *p = t->weights + r * t->stride;
    float *dropped = t->slopes + r * t->stride, *factor = t->factors + r * t->stride;
    for (size_t j = 0; j < end; j += CK_LANES) store(factor + j, (ck_floats)(1.0f));
    drop_row(h, t->first + r, factor);
    for (size_t j = 0; j < end; j += CK_LANES) store(dropped + j, load(p + j) * load(factor + j));
  }
}

// dS from dO·Vᵀ, in place; adds to the gradient of the bias.
static void tile_slopes(const ck_head *h, const ck_head_tile *t, float *biasGradient) {
#pragma clang fp contract(fast)
  size_t end = whole_panels(h->length);
  for (size_t r = 0; r < t->rows; r++) {
    const float *p = t->weights + r * t->stride, *factor = t->factors + r * t->stride;
    float *slope = t->slopes + r * t->stride;
    if (h->rate > 0)
      for (size_t j = 0; j < end; j += CK_LANES) store(slope + j, load(slope + j) * load(factor + j));
    ck_floats sum = (ck_floats)(0.0f);
    for (size_t j = 0; j < end; j += CK_LANES) sum += load(p + j) * load(slope + j);
    float mean = sum_of_lanes(sum);
    for (size_t j = 0; j < end; j += CK_LANES)
      store(slope + j, load(p + j) * (load(slope + j) - mean));
    if (biasGradient)
      for (size_t j = 0; j < h->length; j++) (biasGradient - (t->first + r))[j] += slope[j];
  }
}

CK_BODY(void, attention_backward)(const ck_head *h, const float *upstream, size_t upStride,
                                  const ck_head_gradient *gradient, float *scratch) {
  size_t length = h->length, size = h->size;
  if (length == 0) return;
  size_t width = whole_panels(size), end = whole_panels(length);
  size_t most = ck_attention_tile(length), step = even_share(length, most, 1);
  float *keys = scratch, *values = keys + end * size, *keyRows = values + end * size;
  float *sumK = keyRows + length * width, *sumV = sumK + length * width;
  float *queries = sumV + length * width, *ups = queries + most * width;
  float *sumQ = ups + most * width, *tiles = sumQ + most * width;
  ck_head_tile t = {.stride = end + CK_HEAD_PANEL, .weights = tiles};
  t.slopes = t.weights + most * t.stride;
  t.factors = t.slopes + most * t.stride;
  pack_rows(h->k, h->stride, length, size, keys);
  pack_rows(h->v, h->stride, length, size, values);
  pack_columns(h->k, h->stride, length, size, keyRows);
  for (size_t i = 0; i < length; i += step) {
    t.first = i;
    t.rows = smaller(step, length - i);
    const float *q = h->q + i * h->stride, *up = upstream + i * upStride;
    pack_columns(q, h->stride, t.rows, size, queries);
    pack_columns(up, upStride, t.rows, size, ups);
    multiply_head(t.rows, end, size, q, h->stride, keys, t.weights, t.stride);
    tile_weights(h, &t);
    multiply_head_transposed(length, width, t.rows, h->rate > 0 ? t.slopes : t.weights, t.stride,
                             ups, sumV, width, i > 0);
    multiply_head(t.rows, end, size, up, upStride, values, t.slopes, t.stride);
    tile_slopes(h, &t, gradient->bias);
    multiply_head(t.rows, width, length, t.slopes, t.stride, keyRows, sumQ, width);
    for (size_t r = 0; r < t.rows; r++)
      write_row(sumQ + r * width, h->scale, size, gradient->q + (i + r) * h->stride);
    multiply_head_transposed(length, width, t.rows, t.slopes, t.stride, queries, sumK, width,
                             i > 0);
  }
  for (size_t r = 0; r < length; r++) {
    write_row(sumK + r * width, h->scale, size, gradient->k + r * h->stride);
    write_row(sumV + r * width, 1, size, gradient->v + r * h->stride);
  }
}
