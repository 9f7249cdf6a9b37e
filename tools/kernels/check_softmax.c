// Runs the exponentials of a softmax over row and block lengths around the vectors, on heap buffers
// of exactly the size the kernels may touch, and compares with float64 loops.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "ckernels.h"

typedef struct {
  size_t rows, columns, blocks, *ends;
  float *scores, *x, *tops, *sums, *factors;
} case_of_softmax;

// Blocks of `width` columns, the last one shorter, and an empty one in front; some scores closed.
static case_of_softmax make_case(size_t rows, size_t columns, size_t width) {
  case_of_softmax c = {.rows = rows, .columns = columns};
  c.blocks = 1 + (columns + width - 1) / width;
  c.ends = malloc(c.blocks * sizeof *c.ends);
  if (!c.ends) abort();
  for (size_t b = 0; b < c.blocks; b++) c.ends[b] = b * width < columns ? b * width : columns;
  c.scores = check_numbers(rows * columns);
  c.x = check_numbers(rows * columns);
  c.tops = check_numbers(rows * c.blocks);
  c.sums = check_numbers(rows * c.blocks);
  c.factors = check_numbers(rows * c.blocks);
  for (size_t i = 0; i < rows * columns; i += 7) c.scores[i] = -INFINITY;
  memcpy(c.x, c.scores, rows * columns * sizeof *c.x);
  return c;
}

static void release(case_of_softmax *c) {
  free(c->ends), free(c->scores), free(c->x), free(c->tops), free(c->sums), free(c->factors);
}

// The largest error of a block of a row, its columns from `first` on.
static double error_of(const case_of_softmax *c, float scale, size_t row, size_t block,
                       size_t first) {
  const float *s = c->scores + row * c->columns, *x = c->x + row * c->columns;
  size_t place = row * c->blocks + block;
  double top = -INFINITY, sum = 0, worst = 0;
  for (size_t j = first; j < c->ends[block]; j++) top = fmax(top, s[j]);
  for (size_t j = first; j < c->ends[block]; j++) {
    double expected = s[j] > -INFINITY ? exp(scale * (s[j] - top)) : 0;
    sum += expected;
    worst = fmax(worst, fabs(expected * c->factors[place] - x[j]));
  }
  if (top != c->tops[place]) return INFINITY;
  return fmax(worst, fabs(sum - c->sums[place]) / fmax(sum, 1));
}

static int check_case(size_t rows, size_t columns, size_t width, float scale) {
  case_of_softmax c = make_case(rows, columns, width);
  ck_exponentiate_blocks(c.x, rows, columns, c.ends, c.blocks, scale, c.tops, c.sums);
  ck_scale_blocks(c.x, rows, columns, c.ends, c.blocks, c.factors);
  double worst = 0;
  for (size_t i = 0; i < rows; i++)
    for (size_t b = 0; b < c.blocks; b++)
      worst = fmax(worst, error_of(&c, scale, i, b, b ? c.ends[b - 1] : 0));
  int wrong = !(worst < 5e-7);
  if (wrong)
    fprintf(stderr, "check-kernels: softmax is wrong by %g at %zu rows of %zu, blocks of %zu (%s)\n",
            worst, rows, columns, width, ck_level_name(ck_current_level()));
  release(&c);
  return wrong;
}

int check_softmax(void) {
  static const size_t columns[] = {1, 2, 7, 8, 15, 16, 17, 31, 33, 64, 131};
  static const size_t widths[] = {1, 3, 4, 8, 16, 17, 200};
  int failures = 0;
  for (size_t c = 0; c < sizeof columns / sizeof *columns; c++)
    for (size_t w = 0; w < sizeof widths / sizeof *widths; w++)
      for (size_t rows = 1; rows < 4; rows++)
        failures += check_case(rows, columns[c], widths[w], rows == 2 ? 1 : 20);
  return failures + check_case(2, 3001, 2999, 5);  // more than are added up as floats
}
