// Products of dynamic rows with weights packed once: y = activation(x · Wᵀ + bias).
//
// The inputs pass in blocks. The part of a packed weight for one block is a sequence of panels of
// CK_PANEL columns of y, each panel with its CK_PANEL weights of the first input, then of the
// second, and so on; columns past the last are zero. A tile of up to CK_TILE_ROWS × CK_PANEL
// results stays in registers while a block passes; the rows of x of that tile are copied (or
// quantised) to the stack first, at a fixed distance, so that no leading dimension makes them
// collide in the first-level cache.

#if defined(CK_AVX512)
#define CK_LANES 16
#define CK_TILE_ROWS 14
#elif defined(CK_AVX2)
#define CK_LANES 8
#define CK_TILE_ROWS 6
#else
#define CK_LANES 4
#define CK_TILE_ROWS 4
#endif
#define CK_PANEL (2 * CK_LANES)

// CK_BLOCK: inputs that pass through a tile of floats before the next tile's turn, at most.
// CK_GROUP_BYTES: a block of panels that every tile of rows meets before the next panels come; it
// stays in the second-level cache, 1 MiB with AVX-512 as a rule, at least 512 KiB with AVX2.
#if defined(CK_AVX512)
#define CK_BLOCK 384
#define CK_GROUP_BYTES (576 * 1024)
#else
#define CK_BLOCK 192
#define CK_GROUP_BYTES (384 * 1024)
#endif

// Rows that all blocks of inputs pass through before the next rows: their results do not leave the
// caches between two blocks.
#define CK_ROWS 168

// Bytes of the weight that are fetched ahead of their use: a page, past which the hardware does not
// look by itself.
#define CK_AHEAD 4096

typedef float ck_floats __attribute__((ext_vector_type(CK_LANES)));
typedef float ck_loose_floats __attribute__((ext_vector_type(CK_LANES), aligned(4)));

#define CK_INLINE static inline __attribute__((always_inline))
#define CK_UNROLL _Pragma("clang loop unroll(full)")

// Splits n into the fewest parts of at most `most`, as even as multiples of `unit` allow.
CK_INLINE size_t even_share(size_t n, size_t most, size_t unit) {
  size_t parts = (n + most - 1) / most;
  size_t share = parts ? (n + parts - 1) / parts : unit;
  return (share + unit - 1) / unit * unit;
}

CK_INLINE size_t smaller(size_t a, size_t b) { return a < b ? a : b; }

CK_INLINE size_t padded_columns(size_t outputs) {
  return (outputs + CK_PANEL - 1) / CK_PANEL * CK_PANEL;
}

// One tile of one call: where its results lie, and which part of the inputs it is at.
typedef struct {
  float *y;            // its first result
  size_t ldy;          // distance of rows in y
  size_t rows;         // 1 ... CK_TILE_ROWS
  size_t columns;      // 1 ... CK_PANEL
  const float *bias;   // of its first column, or NULL
  ck_activation activation;
  int first, last;     // whether this is the first, the last block of inputs
} ck_tile;

#define EACH_RESULT(value)                                            \
  for (size_t j = 0; j < columns; j++) {                              \
    float x = bias ? y[j] + bias[j] : y[j];                           \
    y[j] = value;                                                     \
  }                                                                   \
  break;

CK_INLINE void finish_row(float *restrict y, const float *restrict bias, size_t columns,
                          ck_activation activation) {
#pragma clang fp contract(fast)
  switch (activation) {
    case CK_IDENTITY: EACH_RESULT(x)
    case CK_GELU: EACH_RESULT(gelu(x))
    case CK_GELU_TANH: EACH_RESULT(gelu_tanh(x))
    case CK_RELU: EACH_RESULT(relu(x))
  }
}

// Bias and activation on the finished results of a tile, still in the first-level cache.
static void finish_tile(const ck_tile *t) {
  if (!t->bias && t->activation == CK_IDENTITY) return;
  for (size_t r = 0; r < t->rows; r++) {
    float *y = t->y + r * t->ldy;
    if (t->columns == CK_PANEL)
      finish_row(y, t->bias, CK_PANEL, t->activation);
    else
      finish_row(y, t->bias, t->columns, t->activation);
  }
}

// Fetches the results that the tile on the right of this one will touch.
CK_INLINE void prefetch_next(const int rows, const float *y, size_t ldy) {
  CK_UNROLL for (int r = 0; r < rows; r++) {
    for (int line = 0; line < CK_PANEL; line += 16)
      __builtin_prefetch(y + r * ldy + CK_PANEL + line, 1);
  }
}

// Fetches from the first `bytes` at `panel`, CK_AHEAD further on (perhaps past the end: no harm).
CK_INLINE void prefetch_ahead(const void *panel, size_t bytes) {
  for (size_t line = 0; line < bytes; line += 64)
    __builtin_prefetch((const char *)panel + CK_AHEAD + line);
}

// While the panel at column j of [from, to) is multiplied: fetches a share of the rows that the next
// tile will copy, inputs k ... k + count of the rows from `row` on.
CK_INLINE void prefetch_rows(const ck_linear *c, size_t row, size_t k, size_t count, size_t j,
                             size_t from, size_t to) {
  size_t rows = smaller(CK_TILE_ROWS, c->rows - row), panels = (to - from + CK_PANEL - 1) / CK_PANEL;
  size_t panel = (j - from) / CK_PANEL, last = (panel + 1) * rows / panels;
  for (size_t r = panel * rows / panels; r < last; r++)
    for (size_t i = 0; i < count; i += 16)
      __builtin_prefetch(c->x + (row + r) * c->ldx + k + i, 0, 2);
}

// The rows [row, row + rows) of a call.
CK_INLINE ck_linear rows_of(const ck_linear *c, size_t row, size_t rows) {
  ck_linear part = *c;
  part.x += row * c->ldx;
  part.y += row * c->ldy;
  part.rows = rows;
  return part;
}

// Calls tile(rows, ...) with the number of rows as a constant.
#if CK_TILE_ROWS == 14
#define CK_CASES(C) C(1) C(2) C(3) C(4) C(5) C(6) C(7) C(8) C(9) C(10) C(11) C(12) C(13) C(14)
#elif CK_TILE_ROWS == 6
#define CK_CASES(C) C(1) C(2) C(3) C(4) C(5) C(6)
#else
#define CK_CASES(C) C(1) C(2) C(3) C(4)
#endif

// Copies `columns` of the tile's results out of y, or back into it: the detour of a panel that is
// wider than the columns left.
static void copy_tile(float *to, size_t ldTo, const float *from, size_t ldFrom, size_t rows,
                      size_t columns) {
  for (size_t r = 0; r < rows; r++)
    for (size_t j = 0; j < columns; j++) to[r * ldTo + j] = from[r * ldFrom + j];
}

CK_BODY(size_t, panel_width)(void) { return CK_PANEL; }
