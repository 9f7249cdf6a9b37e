// The products of one attention head: rows against panels, a tile of results in registers. Every
// result is one chain of multiply-adds in ascending order.

// c (rows, CK_HEAD_PANEL) = a · panel, or += when `add`. Element (r, k) of a is a[r·stride + k], or
// a[k·stride + r] when `across`.
CK_INLINE void multiply_head_tile(const int rows, const int across, size_t depth, const float *a,
                                  size_t stride, const float *panel, float *c, size_t ldc,
                                  int add) {
#pragma clang fp contract(fast)
  ck_floats sums[CK_TILE_ROWS][CK_HEAD_VECTORS];
  CK_UNROLL for (int r = 0; r < rows; r++)
    CK_UNROLL for (int v = 0; v < CK_HEAD_VECTORS; v++)
      sums[r][v] = add ? load(c + r * ldc + v * CK_LANES) : (ck_floats)(0.0f);
  for (size_t k = 0; k < depth; k++) {
    ck_floats right[CK_HEAD_VECTORS];
    CK_UNROLL for (int v = 0; v < CK_HEAD_VECTORS; v++)
      right[v] = load(panel + k * CK_HEAD_PANEL + v * CK_LANES);
    CK_UNROLL for (int r = 0; r < rows; r++) {
      float left = across ? a[k * stride + r] : a[r * stride + k];
      CK_UNROLL for (int v = 0; v < CK_HEAD_VECTORS; v++) sums[r][v] += left * right[v];
    }
  }
  CK_UNROLL for (int r = 0; r < rows; r++)
    CK_UNROLL for (int v = 0; v < CK_HEAD_VECTORS; v++)
      store(c + r * ldc + v * CK_LANES, sums[r][v]);
}

CK_INLINE void multiply_head_rows(size_t rows, const int across, size_t depth, const float *a,
                                  size_t stride, const float *panel, float *c, size_t ldc,
                                  int add) {
#define CASE(n) \
  case n: multiply_head_tile(n, across, depth, a, stride, panel, c, ldc, add); break;
  switch (rows) { CK_CASES(CASE) }
#undef CASE
}

// c (rows, columns) = a (rows, depth) · panels; columns: a multiple of CK_HEAD_PANEL.
static void multiply_head(size_t rows, size_t columns, size_t depth, const float *a,
                          size_t stride, const float *panels, float *c, size_t ldc) {
  size_t step = even_share(rows, CK_TILE_ROWS, 1);
  for (size_t j = 0; j < columns; j += CK_HEAD_PANEL)
    for (size_t i = 0; i < rows; i += step)
      multiply_head_rows(smaller(step, rows - i), 0, depth, a + i * stride, stride,
                         panels + j * depth, c + i * ldc + j, ldc, 0);
}

// c (rows, columns) = aᵀ · panels, or += when `add`, with a (depth, rows).
static void multiply_head_transposed(size_t rows, size_t columns, size_t depth, const float *a,
                                     size_t stride, const float *panels, float *c, size_t ldc,
                                     int add) {
  size_t step = even_share(rows, CK_TILE_ROWS, 1);
  for (size_t j = 0; j < columns; j += CK_HEAD_PANEL)
    for (size_t i = 0; i < rows; i += step)
      multiply_head_rows(smaller(step, rows - i), 1, depth, a + i, stride, panels + j * depth,
                         c + i * ldc + j, ldc, add);
}

// A row of results, times a factor, to where it belongs.
CK_INLINE void write_row(const float *row, float factor, size_t columns, float *out) {
  size_t j = 0;
  for (; j + CK_LANES <= columns; j += CK_LANES) store(out + j, load(row + j) * factor);
  for (; j < columns; j++) out[j] = row[j] * factor;
}
