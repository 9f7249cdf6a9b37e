// One attention head's rows, packed for the products of head_products.h: panels of CK_HEAD_PANEL
// columns, each row after row. Lanes and tile rows are those of linear.h.

#if CK_LANES == 4
#define CK_HEAD_PANEL 8
#else
#define CK_HEAD_PANEL 16
#endif
#define CK_HEAD_VECTORS (CK_HEAD_PANEL / CK_LANES)

// Unaligned.
CK_INLINE ck_floats load(const float *x) { return *(const ck_loose_floats *)x; }
CK_INLINE void store(float *x, ck_floats value) { *(ck_loose_floats *)x = value; }

CK_INLINE size_t whole_panels(size_t n) {
  return (n + CK_HEAD_PANEL - 1) / CK_HEAD_PANEL * CK_HEAD_PANEL;
}

// Starts reading the row of the next head, whose columns follow: heads come in this order, and
// short sequences would wait for memory at each. No more than a hint: it may lie past the matrix.
CK_INLINE void fetch_next_head(const float *row, size_t columns) {
  for (size_t j = columns; j < 2 * columns; j += 16)
    __builtin_prefetch((const void *)((uintptr_t)row + j * sizeof(float)));
}

// panels[panel][row][column] of x (rows, columns), zero past the last column.
static void pack_columns(const float *x, size_t stride, size_t rows, size_t columns,
                         float *panels) {
  for (size_t i = 0; i < rows; i++) fetch_next_head(x + i * stride, columns);
  size_t j = 0;
  for (; j + CK_HEAD_PANEL <= columns; j += CK_HEAD_PANEL)
    for (size_t i = 0; i < rows; i++, panels += CK_HEAD_PANEL)
      CK_UNROLL for (size_t v = 0; v < CK_HEAD_PANEL; v += CK_LANES)
        store(panels + v, load(x + i * stride + j + v));
  if (j == columns) return;
  for (size_t i = 0; i < rows; i++)
    for (size_t l = 0; l < CK_HEAD_PANEL; l++)
      *panels++ = j + l < columns ? x[i * stride + j + l] : 0;
}

// In-lane halves of a 4 × 4 transposition, and rows 4 apart side by side.
typedef float ck_floats4 __attribute__((ext_vector_type(4), aligned(4)));
#define FOUR(row) (*(const ck_floats4 *)((row) + j))
#define EIGHT(a, b) __builtin_shufflevector(a, b, 0, 1, 2, 3, 4, 5, 6, 7)
#if CK_LANES == 16
#define SIDE_BY_SIDE(r)                                                           \
  __builtin_shufflevector(EIGHT(FOUR(r[0]), FOUR(r[4])), EIGHT(FOUR(r[8]), FOUR(r[12])), \
                          0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
#define LOW(a, b) \
  __builtin_shufflevector(a, b, 0, 16, 1, 17, 4, 20, 5, 21, 8, 24, 9, 25, 12, 28, 13, 29)
#define HIGH(a, b) \
  __builtin_shufflevector(a, b, 2, 18, 3, 19, 6, 22, 7, 23, 10, 26, 11, 27, 14, 30, 15, 31)
#define FIRST(a, b) \
  __builtin_shufflevector(a, b, 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29)
#define LAST(a, b) \
  __builtin_shufflevector(a, b, 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31)
#elif CK_LANES == 8
#define SIDE_BY_SIDE(r) EIGHT(FOUR(r[0]), FOUR(r[4]))
#define LOW(a, b) __builtin_shufflevector(a, b, 0, 8, 1, 9, 4, 12, 5, 13)
#define HIGH(a, b) __builtin_shufflevector(a, b, 2, 10, 3, 11, 6, 14, 7, 15)
#define FIRST(a, b) __builtin_shufflevector(a, b, 0, 1, 8, 9, 4, 5, 12, 13)
#define LAST(a, b) __builtin_shufflevector(a, b, 2, 3, 10, 11, 6, 7, 14, 15)
#else
#define SIDE_BY_SIDE(r) FOUR(r[0])
#define LOW(a, b) __builtin_shufflevector(a, b, 0, 4, 1, 5)
#define HIGH(a, b) __builtin_shufflevector(a, b, 2, 6, 3, 7)
#define FIRST(a, b) __builtin_shufflevector(a, b, 0, 1, 4, 5)
#define LAST(a, b) __builtin_shufflevector(a, b, 2, 3, 6, 7)
#endif

// Elements j ... j + 3 of CK_LANES rows become four vectors, one per row of a panel.
CK_INLINE void transpose_four(const float *const *row, size_t j, float *out) {
  ck_floats a = SIDE_BY_SIDE(row), b = SIDE_BY_SIDE((row + 1));
  ck_floats c = SIDE_BY_SIDE((row + 2)), d = SIDE_BY_SIDE((row + 3));
  ck_floats lowAB = LOW(a, b), lowCD = LOW(c, d), highAB = HIGH(a, b), highCD = HIGH(c, d);
  store(out, FIRST(lowAB, lowCD));
  store(out + CK_HEAD_PANEL, LAST(lowAB, lowCD));
  store(out + 2 * CK_HEAD_PANEL, FIRST(highAB, highCD));
  store(out + 3 * CK_HEAD_PANEL, LAST(highAB, highCD));
}
#undef FOUR
#undef EIGHT
#undef SIDE_BY_SIDE
#undef LOW
#undef HIGH
#undef FIRST
#undef LAST

// The transpose of x (rows, columns) in panels: panels[panel][column][row]. Past the last row
// stand copies of it.
static void pack_rows(const float *x, size_t stride, size_t rows, size_t columns, float *panels) {
  for (size_t i = 0; i < rows; i += CK_HEAD_PANEL, panels += CK_HEAD_PANEL * columns) {
    const float *row[CK_HEAD_PANEL];
    for (size_t l = 0; l < CK_HEAD_PANEL; l++) {
      row[l] = x + smaller(i + l, rows - 1) * stride;
      fetch_next_head(row[l], columns);
    }
    size_t j = 0;
    for (; j + 4 <= columns; j += 4)
      CK_UNROLL for (size_t v = 0; v < CK_HEAD_PANEL; v += CK_LANES)
        transpose_four(row + v, j, panels + j * CK_HEAD_PANEL + v);
    for (; j < columns; j++)
      for (size_t l = 0; l < CK_HEAD_PANEL; l++) panels[j * CK_HEAD_PANEL + l] = row[l][j];
  }
}
