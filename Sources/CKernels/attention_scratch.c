// How much memory attention wants lent: the same at every instruction level.
#include "ckernels.h"
#include "level.h"

// No level has wider panels (head_panels.h) or taller tiles (linear.h).
#define WIDEST_PANEL 16
#define TALLEST_TILE 16
// Weights of a tile of the backward pass: its two or three matrices stay in the second-level cache.
#define TILE_WEIGHTS (16 * 1024)

static size_t padded(size_t n) { return (n + WIDEST_PANEL - 1) / WIDEST_PANEL * WIDEST_PANEL; }

size_t ck_attention_tile(size_t length) {
  size_t rows = length ? TILE_WEIGHTS / length : 0;
  rows = rows < TALLEST_TILE ? TALLEST_TILE : rows;
  return rows < length ? rows : length;
}

size_t ck_attention_scratch(size_t length, size_t size) {
  size_t keys = padded(length), width = padded(size);
  return 2 * keys * width + TALLEST_TILE * (keys + WIDEST_PANEL + width);
}

size_t ck_attention_backward_scratch(size_t length, size_t size) {
  size_t keys = padded(length), width = padded(size), rows = ck_attention_tile(length);
  return 5 * keys * width + 3 * rows * (width + keys + WIDEST_PANEL);
}
