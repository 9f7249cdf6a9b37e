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

// exp must not be reassociated (its rounding trick would be folded away); the sum may be.
CK_BODY(void, softmax)(float *x, size_t rows, size_t columns, size_t stride, float scale) {
  for (size_t i = 0; i < rows; i++) {
    float *xi = x + i * stride;
    float top = largest(xi, columns);
    {
#pragma clang fp contract(fast)
      for (size_t j = 0; j < columns; j++) xi[j] = ck_exp(scale * (xi[j] - top));
    }
    {
      CK_RELAXED
      float sum = 0;
      for (size_t j = 0; j < columns; j++) sum += xi[j];
      float inverse = 1.0f / sum;
      for (size_t j = 0; j < columns; j++) xi[j] *= inverse;
    }
  }
}

CK_BODY(void, softmax_backward)(const float *p, float *dp, size_t rows, size_t columns,
                                size_t stride, float scale) {
  CK_RELAXED
  for (size_t i = 0; i < rows; i++) {
    const float *pi = p + i * stride;
    float *di = dp + i * stride;
    float dot = 0;
    for (size_t j = 0; j < columns; j++) dot += pi[j] * di[j];
    for (size_t j = 0; j < columns; j++) di[j] = scale * pi[j] * (di[j] - dot);
  }
}

CK_BODY(float, log_sum_exp)(const float *x, size_t n, float scale) {
#pragma clang fp contract(fast)
  if (n == 0) return -INFINITY;
  float top = largest(x, n);
  double sum = 0;
  for (size_t j = 0; j < n; j++) sum += ck_exp(scale * (x[j] - top));
  return scale * top + (float)log(sum);
}
