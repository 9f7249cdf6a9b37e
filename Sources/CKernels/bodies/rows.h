CK_BODY(void, add_bias)(float *x, const float *bias, size_t rows, size_t columns) {
  for (size_t i = 0; i < rows; i++)
    for (size_t j = 0; j < columns; j++) x[i * columns + j] += bias[j];
}

CK_BODY(void, add_column_sums)(const float *x, float *sums, size_t rows, size_t columns) {
  for (size_t i = 0; i < rows; i++)
    for (size_t j = 0; j < columns; j++) sums[j] += x[i * columns + j];
}

CK_BODY(void, embed)(const float *words, const float *positions, const float *types,
                     const int32_t *ids, const int32_t *place, float *out, size_t rows,
                     size_t columns) {
  for (size_t i = 0; i < rows; i++) {
    const float *w = words + (size_t)ids[i] * columns, *p = positions + (size_t)place[i] * columns;
    for (size_t j = 0; j < columns; j++) out[i * columns + j] = w[j] + p[j] + types[j];
  }
}

CK_BODY(void, axpy)(float a, const float *x, float *y, size_t n) {
#pragma clang fp contract(fast)
  for (size_t i = 0; i < n; i++) y[i] += a * x[i];
}
