// The softmax between two products, and its gradient: what OpenBLAS does not have.
#pragma once
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "bodies/special.h"

// Sixteen running maxima, so that the comparisons vectorise.
static inline float largest(const float *x, size_t n) {
  float lanes[16];
  for (int l = 0; l < 16; l++) lanes[l] = x[0];
  size_t j = 0;
  for (; j + 16 <= n; j += 16)
    for (int l = 0; l < 16; l++) lanes[l] = x[j + l] > lanes[l] ? x[j + l] : lanes[l];
  for (; j < n; j++) lanes[0] = x[j] > lanes[0] ? x[j] : lanes[0];
  float best = lanes[0];
  for (int l = 1; l < 16; l++) best = lanes[l] > best ? lanes[l] : best;
  return best;
}

// Each row of x (rows, columns) becomes softmax(scale · row). exp must not be reassociated (its
// rounding trick would be folded away); the sum may be.
static inline void softmax(float *x, size_t rows, size_t columns, float scale) {
  for (float *row = x; row < x + rows * columns; row += columns) {
    float top = largest(row, columns), sum = 0;
    {
#pragma clang fp contract(fast)
      for (size_t j = 0; j < columns; j++) row[j] = ck_exp(scale * (row[j] - top));
    }
    {
#pragma clang fp reassociate(on) contract(fast)
      for (size_t j = 0; j < columns; j++) sum += row[j];
      float inverse = 1.0f / sum;
      for (size_t j = 0; j < columns; j++) row[j] *= inverse;
    }
  }
}

// ds = scale · p · (dp − sum(dp · p)) per row, in place in dp.
static inline void softmax_backward(const float *p, float *dp, size_t rows, size_t columns,
                                    float scale) {
#pragma clang fp reassociate(on) contract(fast)
  for (size_t i = 0; i < rows; i++, p += columns, dp += columns) {
    float dot = 0;
    for (size_t j = 0; j < columns; j++) dot += p[j] * dp[j];
    for (size_t j = 0; j < columns; j++) dp[j] = scale * p[j] * (dp[j] - dot);
  }
}
